import { existsSync } from 'node:fs';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { linuxKernel } from '../firmware/debian-package.ts';
import { makeUki } from '../firmware/make-uki.ts';
import { type Firmware, powerOn } from '../firmware/power-on.ts';
import {
  type Lan,
  machineAddress,
  ownAddress,
  ProvisioningNetwork,
  serverAddress,
} from '../firmware/provisioning-network.ts';
import { isInstalled } from './bench-process.ts';
import type { BenchServer } from './boot-server.ts';

const commandLine = 'console=ttyS0 panic=1';
/** With the kernel as much as Talos 1.11 has. */
const paddingBytes = 95_000_000;
const ipxe = '/usr/lib/ipxe/ipxe.efi';
/** The emulator shares the machine with whatever else runs on it. */
const patienceMillis = 600_000;

/** What this machine lacks for it, if anything. */
export function whatPowerOnLacks(): string | undefined {
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  const programs = ['ip', 'qemu-system-x86_64', 'dnsmasq', 'nginx', 'apt-get', 'cpio'].filter(
    (one) => !isInstalled(one),
  );
  const files = [ipxe, '/usr/share/OVMF/OVMF_CODE_4M.fd'].filter((one) => !existsSync(one));
  const lacking = [...programs, ...files];
  return lacking.length === 0 ? undefined : `not installed: ${lacking.join(', ')}`;
}

/** The ways in which our server boots UEFI firmware by itself. */
const ways = {
  /** The one that docs/booting.md recommends. */
  recommended: { firmware: 'ovmf-pxe', lan: 'silent', words: 'a UKI over TFTP, beside a DHCP server' },
  full: { firmware: 'ovmf-pxe', lan: 'none', words: 'a UKI over TFTP, with `boot.dhcp: full`' },
  http: { firmware: 'ovmf-http', lan: 'silent', words: 'a UKI over UEFI HTTP boot, beside a DHCP server' },
} as const satisfies Record<string, { firmware: Firmware; lan: Lan; words: string }>;

export type Way = keyof typeof ways;

export const wordsOf = (way: Way): string => ways[way].words;

/** Seconds from power-on of an OVMF machine to the first line of its kernel, in an emulator. */
export interface PowerOn {
  ours(way: Way): Promise<number>;
  /** dnsmasq gives the address and iPXE, iPXE fetches kernel and initramfs from nginx. */
  peer(): Promise<number>;
}

/** The same kernel and initramfs for both: as one UKI, and as two files over HTTP. */
export async function preparePowerOn(directory: string, bootServer: string): Promise<PowerOn> {
  const uki = await makeUki(directory, 'amd64', commandLine, { paddingBytes });
  const root = join(directory, 'served');
  await mkdir(root);
  await copyFile(ipxe, join(root, 'ipxe.efi'));
  await copyFile(await linuxKernel('amd64'), join(root, 'vmlinuz'));
  await copyFile(join(directory, 'amd64', 'initramfs'), join(root, 'initrd.img'));
  const origin = `http://${serverAddress}`;
  const script = ['#!ipxe', `kernel ${origin}/vmlinuz ${commandLine} initrd=initrd.img`, `initrd ${origin}/initrd.img`];
  await writeFile(join(root, 'boot.ipxe'), [...script, 'boot', ''].join('\n'));
  let number = 0;
  const boot = async (firmware: Firmware, serve: (network: ProvisioningNetwork) => Promise<void>): Promise<number> => {
    number += 1;
    const network = new ProvisioningNetwork(`bench-${process.pid}-${number}`);
    try {
      await network.open();
      await serve(network);
      const digits = number.toString(16).padStart(2, '0');
      const begun = performance.now();
      const console = await powerOn(network, directory, {
        mac: `52:54:00:98:01:${digits}`,
        uuid: `11223344-5566-7788-99aa-bbccddee01${digits}`,
        firmware,
        memoryMegabytes: 2048,
      });
      await console.until('the kernel', patienceMillis, (printed) => printed.includes('Linux version') || undefined);
      return (performance.now() - begun) / 1000;
    } finally {
      await network.close();
    }
  };
  return {
    ours: (way) =>
      boot(ways[way].firmware, async (network) => {
        const { lan } = ways[way];
        await network.startDhcpServer(lan);
        const config: BenchServer = {
          address: serverAddress,
          interface: 'br0',
          ports: { dhcp: 67, proxyDhcp: 4011, tftp: 69, http: 8080 },
          file: uki,
          ...(lan === 'none' ? addressesIn(join(directory, `leases-${number}.jsonl`)) : {}),
        };
        const server = network.start(process.execPath, [bootServer, JSON.stringify(config)]);
        await server.until('the boot server', 30_000, (printed) => printed.includes('ready') || undefined);
      }),
    peer: () =>
      boot('ovmf-pxe', async (network) => {
        const config = join(directory, 'power-on.conf');
        await writeFile(
          config,
          `daemon off; master_process off; user root; pid ${config}.pid; error_log stderr notice; events { }
           http { access_log off; sendfile on; server { listen ${serverAddress}:80; root ${root}; } }`,
        );
        const nginx = network.start('nginx', ['-c', config, '-p', directory, '-e', 'stderr']);
        await nginx.until(
          'nginx',
          10_000,
          (printed) => printed.includes('start worker') || printed.includes('using the "') || undefined,
        );
        const dnsmasq = network.start('dnsmasq', dnsmasqArguments(root));
        await dnsmasq.until('dnsmasq', 10_000, (printed) => printed.includes('DHCP, IP range') || undefined);
      }),
  };
}

/** Where our server is the only one. */
const addressesIn = (leases: string) => ({
  leases,
  subnet: '10.98.0.0/24',
  pool: { first: machineAddress, last: ownAddress },
});

const dnsmasqArguments = (root: string) => [
  ...['--keep-in-foreground', '--conf-file=/dev/null', '--user=root', '--group=root', '--pid-file='],
  ...['--log-facility=-', '--port=0', '--interface=br0', '--bind-interfaces', '--no-ping', '--dhcp-authoritative'],
  ...['--leasefile-ro', '--dhcp-range=10.98.0.50,10.98.0.60,255.255.255.0,1h'],
  ...['--enable-tftp', `--tftp-root=${root}`, '--dhcp-match=set:ipxe,175'],
  ...['--dhcp-boot=tag:!ipxe,ipxe.efi', `--dhcp-boot=tag:ipxe,http://${serverAddress}/boot.ipxe`],
];
