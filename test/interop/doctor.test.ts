import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Lan, ProvisioningNetwork } from '../firmware/provisioning-network.ts';

interface Diagnosis {
  readonly answers: readonly { server: string; askedAs: string; offeredAddress?: string; bootFile?: string }[];
  readonly findings: readonly { id: string; verdict: string; says: string }[];
}

describe('rackwright doctor boot', () => {
  let network: ProvisioningNetwork;

  beforeEach(async () => {
    network = new ProvisioningNetwork('doctor');
    await network.open();
  });
  afterEach(() => network.close());

  const diagnose = async (): Promise<Diagnosis> => {
    const command = [join(import.meta.dirname, '../../dist/bin/rackwright.js'), 'doctor', 'boot', '--interface', 'br0'];
    const doctor = network.start(process.execPath, [...command, '-o', 'json']);
    return doctor.until('the diagnosis', 30_000, (printed) =>
      printed.trimEnd().endsWith('\n}') ? (JSON.parse(printed) as Diagnosis) : undefined,
    );
  };
  const found = ({ findings }: Diagnosis) => findings.map(({ id, verdict }) => `${verdict} ${id}`);

  const seen: Readonly<Record<Exclude<Lan, 'none'>, readonly string[]>> = {
    silent: ['pass boot/dhcp-server'],
    'option-60': ['pass boot/dhcp-server', 'fail boot/option-60-alone'],
    stale: ['pass boot/dhcp-server', 'warn boot/stale-boot-file'],
  };

  it.each(Object.entries(seen))('says of dnsmasq in the manner %s what it does to machines', async (lan, expected) => {
    await network.startDhcpServer(lan as Lan);
    const diagnosis = await diagnose();
    expect(found(diagnosis).slice(0, expected.length + 1)).toEqual([...expected, 'pass boot/interface']);
    expect(diagnosis.answers).toMatchObject(
      ['x64 UEFI PXE', 'x64 UEFI HTTP', 'arm64 UEFI PXE', 'x86 BIOS PXE'].map((askedAs) => ({
        askedAs,
        server: '10.98.0.2',
        offeredAddress: '10.98.0.50',
      })),
    );
  });

  it('says when nobody gives addresses, and who holds a port that boots need', async () => {
    const holder = network.start('dnsmasq', [
      ...['--keep-in-foreground', '--conf-file=/dev/null', '--port=69', '--interface=br0', '--bind-interfaces'],
      ...['--log-facility=-', '--user=root', '--pid-file=', '--no-resolv'],
    ]);
    await holder.until('dnsmasq', 10_000, (printed) => printed.includes('started') || undefined);
    const diagnosis = await diagnose();
    expect(found(diagnosis)).toContain('fail boot/dhcp-server');
    const port = diagnosis.findings.find(({ id }) => id === 'boot/port-tftp');
    expect(port).toMatchObject({ verdict: 'fail', says: expect.stringMatching(/^dnsmasq \(pid \d+\)/) as string });
  });

  it('reads the firewall of this host', async () => {
    const rules = [
      'add table inet f; add chain inet f in { type filter hook input priority 0; policy drop; }',
      'add rule inet f in udp dport { 67, 69, 4011 } accept',
    ].join('; ');
    await network.start('nft', [rules]).until('nft', 10_000, () => true);
    const firewall = (await diagnose()).findings.find(({ id }) => id === 'boot/firewall');
    expect(firewall).toMatchObject({
      verdict: 'fail',
      says: expect.stringMatching(/no rule names TCP 8080$/) as string,
    });
  });
});
