import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeDhcp } from '../../pxe/dhcp/encode-dhcp.ts';
import { type BootClass, bootClasses, discoverOf } from '../../pxe/print-dhcp/boot-class.ts';
import { printDhcp } from '../../pxe/print-dhcp/print-dhcp.ts';
import { runCommand } from '../firmware/run-command.ts';
import type { RunningProgram } from '../firmware/running-program.ts';
import { optionOf, readDhcp, textOf } from '../lab/dhcp-wire.ts';
import { DhcpLab, linesOf, serverAddress } from './dhcp-lab.ts';
import { installDhcpd } from './install-dhcpd.ts';

const offers = {
  ukis: { amd64: '/srv/amd64', arm64: '/srv/arm64' },
  kernels: ['amd64', 'arm64'] as const,
  loaders: ['undionly.kpxe'],
  httpOrigin: `http://${serverAddress}:8080`,
};
const classes = bootClasses(offers, serverAddress);

/** One client of every class and architecture, told apart by the transaction id. */
const clients = classes.flatMap((one) => one.architectures.map((architecture) => ({ one, architecture })));

let lab: DhcpLab;
let client: RunningProgram | undefined;

beforeAll(async () => {
  lab = new DhcpLab('print');
  await lab.open();
  await lab.ip('cli', 'address add 10.101.0.50/24 dev eth0');
});
afterAll(() => lab.close());

describe('what is printed makes a real server tell every class of client what we would tell it', () => {
  it('has UEFI by TFTP and HTTP, BIOS and iPXE among the classes', () => {
    expect(classes.map(({ title }) => title).toSorted()).toEqual([
      'arm64 UEFI HTTP, arm64 U-Boot HTTP: http://10.101.0.1:8080/talos-arm64.efi',
      'arm64 UEFI, arm64 U-Boot: talos-arm64.efi',
      'arm64 UEFI, iPXE: http://10.101.0.1:8080/talos-arm64.ipxe',
      'x64 UEFI HTTP: http://10.101.0.1:8080/talos-amd64.efi',
      'x64 UEFI, x64 UEFI (EBC): talos-amd64.efi',
      'x86 BIOS, x64 UEFI, x64 UEFI (EBC), iPXE: http://10.101.0.1:8080/talos-amd64.ipxe',
      'x86 BIOS: undionly.kpxe',
    ]);
  });

  it('dnsmasq', async () => {
    const path = await write('dnsmasq.conf', printDhcp('dnsmasq', offers, serverAddress));
    expect(await runCommand('sh', ['-c', `dnsmasq --test --conf-file=${path} 2>&1`])).toContain('syntax check OK');
    const server = lab.start('oth', 'dnsmasq', [
      ...[
        '--keep-in-foreground',
        `--conf-file=${path}`,
        '--user=root',
        '--group=root',
        '--pid-file=',
        '--log-facility=-',
      ],
      ...['--port=0', '--interface=eth0', '--bind-interfaces', '--no-ping', '--leasefile-ro'],
      '--dhcp-range=10.101.0.100,10.101.0.199,255.255.255.0,1h',
    ]);
    await server.until('dnsmasq serves', 10_000, (printed) => printed.includes('DHCP, IP range') || undefined);
    await expectSameAnswers(server);
  });

  it('Kea', async () => {
    const { Dhcp4 } = JSON.parse(printDhcp('kea', offers, serverAddress)) as { Dhcp4: object };
    const subnet = { id: 1, subnet: '10.101.0.0/24', pools: [{ pool: '10.101.0.100 - 10.101.0.199' }] };
    const config = {
      Dhcp4: {
        ...Dhcp4,
        'interfaces-config': { interfaces: ['eth0'], 'dhcp-socket-type': 'raw' },
        'lease-database': { type: 'memfile', persist: false },
        'valid-lifetime': 3600,
        subnet4: [subnet],
        loggers: [{ name: 'kea-dhcp4', severity: 'INFO', output_options: [{ output: 'stdout' }] }],
      },
    };
    const path = await write('kea.json', JSON.stringify(config));
    const inside = ['env', `KEA_LOCKFILE_DIR=${lab.directory}`, `KEA_PIDFILE_DIR=${lab.directory}`, 'kea-dhcp4'];
    await lab.run('oth', inside[0]!, [...inside.slice(1), '-t', path]);
    const server = lab.start('oth', inside[0]!, [...inside.slice(1), '-c', path]);
    await server.until('Kea serves', 20_000, (printed) => printed.includes('DHCP4_STARTED') || undefined);
    await expectSameAnswers(server);
  });

  it('ISC dhcpd', async () => {
    const dhcpd = await installDhcpd(lab.directory);
    const subnet = 'subnet 10.101.0.0 netmask 255.255.255.0 { range 10.101.0.100 10.101.0.199; ping-check false; }\n';
    const path = await write('dhcpd.conf', `${printDhcp('isc', offers, serverAddress)}authoritative;\n${subnet}`);
    const leases = await write('dhcpd.leases', '');
    await runCommand(dhcpd, ['-t', '-cf', path]);
    const server = lab.start('oth', dhcpd, [
      ...['-4', '-f', '-d', '-cf', path, '-lf', leases, '-pf', join(lab.directory, 'dhcpd.pid'), 'eth0'],
    ]);
    await server.until('dhcpd serves', 20_000, (printed) => printed.includes('Server starting service') || undefined);
    await expectSameAnswers(server);
  });
});

async function write(name: string, text: string): Promise<string> {
  const path = join(lab.directory, name);
  await writeFile(path, text);
  return path;
}

/** Each client asks; then the server is stopped, for the next one. */
async function expectSameAnswers(server: RunningProgram): Promise<void> {
  const questions = clients.map(({ one: { vendorClass, isIpxe }, architecture }, index) =>
    Buffer.from(encodeDhcp({ ...discoverOf({ architecture, isIpxe, vendorClass }), xid: index + 1 })).toString('hex'),
  );
  const program = join(import.meta.dirname, 'dhcp-client-program.ts');
  client = lab.start('cli', process.execPath, [program, '10.101.0.50', '68', '255.255.255.255', '67', ...questions]);
  const heard = await client.until('an offer for each', 30_000, (printed) => {
    const replies = linesOf(printed).map(({ hex }) => readDhcp(Buffer.from(String(hex), 'hex'))!);
    const byClient = new Map(replies.map((reply) => [reply.xid, reply]));
    return byClient.size === clients.length ? byClient : undefined;
  });
  await client.stop();
  await server.stop();
  const told = clients.map(({ one, architecture }, index) => {
    const offer = heard.get(index + 1)!;
    return {
      client: `${one.title} ${architecture}`,
      siaddr: offer.siaddr,
      file: textOf(optionOf(offer, 67) ?? new Uint8Array()) || offer.file,
      vendorClass: textOf(optionOf(offer, 60) ?? new Uint8Array()),
      vendorSpecific: withoutEnd(optionOf(offer, 43)),
    };
  });
  expect(told).toEqual(
    clients.map(({ one, architecture }) => ({ client: `${one.title} ${architecture}`, ...ours(one) })),
  );
}

const ours = (one: BootClass) => ({
  siaddr: one.nextServer,
  file: one.fileName,
  vendorClass: one.vendorClass,
  vendorSpecific: withoutEnd(one.options.find(([code]) => code === 43)?.[1]),
});

/** Kea leaves the end octet out, which nobody has to send (RFC 2132 section 8.4). */
const withoutEnd = (value: Uint8Array = new Uint8Array()) => Buffer.from(value).toString('hex').replace(/ff$/, '');
