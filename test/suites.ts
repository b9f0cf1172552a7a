import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pythonWith } from './peers/python-with.ts';

/** Something that a suite cannot do without, and where to get it. */
export interface Need {
  readonly what: string;
  readonly from: string;
  isThere(): boolean;
}

export interface Suite {
  readonly name: string;
  readonly proves: string;
  readonly needs: readonly Need[];
  /** What runs longer is ended and has failed: a suite that hangs must not cost the result of all others. */
  readonly limitMinutes: number;
  /** A project of vitest.config.ts, or commands of node_modules/.bin that each count as one check. */
  readonly runs: { readonly project: string } | { readonly commands: readonly (readonly string[])[] };
}

/** Every suite, in the order in which they run: the quick ones first. */
export const suites: readonly Suite[] = [
  {
    name: 'ground',
    proves: 'form, types, and which way imports go',
    limitMinutes: 10,
    needs: [],
    runs: {
      commands: [
        ['biome', 'ci', '--colors=off', '.'],
        ['eslint', '--max-warnings', '0', '.'],
        ['knip'],
        [
          'depcruise',
          '--config',
          '.dependency-cruiser.mjs',
          'core',
          'pxe',
          'talos',
          'cluster',
          'installer',
          'ui',
          'bin',
          'test',
        ],
      ],
    },
  },
  { name: 'unit', proves: 'each idea, beside its source', limitMinutes: 10, needs: [], runs: { project: 'unit' } },
  {
    name: 'interop',
    proves: 'foreign TFTP, HTTP and DHCP clients, relays and servers against ours',
    limitMinutes: 10,
    needs: [
      binary('curl', 'curl'),
      binary('tftp', 'tftp-hpa'),
      binary('atftp', 'atftp'),
      binary('chronyd', 'chrony'),
      ...signers(),
      ...dhcpPeers(),
    ],
    runs: { project: 'interop' },
  },
  {
    name: 'peers',
    proves:
      "our configs, secrets and client in Talos' own Go code, its client against our simulated nodes, a real kube-apiserver, and Flux' own controllers",
    limitMinutes: 45,
    needs: [
      binary('go', 'Go 1.26 (go.dev/dl), with a module proxy or a warm module cache'),
      {
        what: "Python's jsonschema",
        from: 'python3-jsonschema',
        isThere: () => pythonWith('jsonschema') !== undefined,
      },
      binary('git', 'git'),
      binary('setpriv', 'util-linux'),
    ],
    runs: { project: 'peers' },
  },
  {
    name: 'sim',
    proves: 'the whole command against a simulated rack, killed after every record of its journal',
    limitMinutes: 45,
    needs: [],
    runs: { project: 'sim' },
  },
  {
    name: 'firmware',
    proves:
      'real UEFI, BIOS and iPXE firmware boots from our server to a Linux prompt, beside three kinds of DHCP server',
    limitMinutes: 20,
    needs: [
      { what: 'root', from: 'sudo', isThere: () => process.getuid?.() === 0 },
      binary('qemu-system-x86_64', 'qemu-system-x86'),
      file('/usr/share/OVMF/OVMF_CODE_4M.fd', 'ovmf'),
      file('/usr/share/OVMF/OVMF_VARS_4M.fd', 'ovmf'),
      file('/dev/net/tun', 'the kernel module tun'),
      binary('qemu-system-aarch64', 'qemu-system-arm'),
      file('/usr/share/OVMF/OVMF_CODE_4M.secboot.fd', 'ovmf'),
      file('/usr/share/OVMF/OVMF_VARS_4M.snakeoil.fd', 'ovmf'),
      file('/usr/share/ovmf/PkKek-1-snakeoil.key', 'ovmf'),
      ...signers(),
      file('/usr/share/AAVMF/AAVMF_CODE.fd', 'qemu-efi-aarch64'),
      file('/usr/lib/u-boot/qemu_arm64/u-boot.bin', 'u-boot-qemu'),
      file('/usr/lib/ipxe/undionly.kpxe', 'ipxe'),
      file('/usr/lib/ipxe/snponly.efi', 'ipxe'),
      file('/usr/lib/ipxe/qemu/pxe-virtio.rom', 'ipxe-qemu'),
      binary('dnsmasq', 'dnsmasq-base'),
      binary('ip', 'iproute2'),
      binary('setpriv', 'util-linux'),
      binary('cpio', 'cpio'),
      binary('apt-get', 'a Debian, for its kernels, systemd stubs and busybox'),
      binary('dpkg-deb', 'dpkg'),
    ],
    runs: { project: 'firmware' },
  },
];

/** Hosts of the DHCP tests are network namespaces. */
function dhcpPeers(): Need[] {
  return [
    { what: 'root', from: 'sudo', isThere: () => process.getuid?.() === 0 },
    binary('ip', 'iproute2'),
    binary('setpriv', 'util-linux'),
    binary('busybox', 'busybox-static'),
    binary('dhclient', 'isc-dhcp-client'),
    binary('dhcrelay', 'isc-dhcp-relay'),
    binary('dnsmasq', 'dnsmasq-base'),
    binary('nft', 'nftables'),
    binary('kea-dhcp4', 'kea-dhcp4-server'),
    binary('tshark', 'tshark'),
    binary('apt-get', 'a Debian, for its isc-dhcp-server'),
    binary('dpkg-deb', 'dpkg'),
  ];
}

/** Who signs UKIs for the tests of their signatures. */
function signers(): Need[] {
  return [binary('sbsign', 'sbsigntool'), binary('openssl', 'openssl')];
}

function binary(name: string, from: string): Need {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return { what: name, from, isThere: () => folders.some((folder) => may(join(folder, name), constants.X_OK)) };
}

function file(path: string, from: string): Need {
  return { what: path, from, isThere: () => may(path, constants.R_OK) };
}

function may(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}
