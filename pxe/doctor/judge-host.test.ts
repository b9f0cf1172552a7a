import { describe, expect, it } from 'vitest';
import type { HostFacts } from './host-facts.ts';
import { judgeHost } from './judge-host.ts';

const good: HostFacts = {
  interface: { name: 'eno2', addresses: ['10.0.0.2'], isWireless: false, carriesDefaultRoute: false },
  ports: [
    { protocol: 'UDP', port: 67, service: 'dhcp' },
    { protocol: 'UDP', port: 69, service: 'tftp' },
  ],
  firewall: { dropping: [], namedPorts: [] },
  ukis: [{ architecture: 'amd64', path: '/talos.efi', sizeBytes: 100 * 2 ** 20 }],
  freeBytes: 2 ** 40,
  now: new Date('2026-11-01T00:00:00Z'),
  isClockSynchronized: true,
};
const verdict = (facts: Partial<HostFacts>, id: string) =>
  judgeHost({ ...good, ...facts }).find((finding) => finding.id === id)?.verdict;
const without = (key: keyof HostFacts) => {
  const { [key]: _, ...rest } = good;
  return rest as HostFacts;
};
const iPXE = (names: readonly string[], isWanted: boolean) => ({
  found: names.map((name) => ({ name, path: `/i/${name}` })),
  architectures: ['amd64'] as const,
  isWanted,
});

describe('what the doctor makes of this host', () => {
  it('passes a host on which nothing is in the way', () => {
    expect(judgeHost(good).map((finding) => finding.verdict)).toEqual(Array(9).fill('pass'));
  });

  const link = { name: 'wlan0', addresses: ['10.0.0.2'] };
  const dhcp = { protocol: 'UDP', port: 67, service: 'dhcp', holder: 'dnsmasq (pid 1)' } as const;
  const tftp = { protocol: 'UDP', port: 69, service: 'tftp', holder: 'atftpd (pid 2)' } as const;
  it.each<[string, Partial<HostFacts>, string, string]>([
    ['an interface without an address', { interface: { ...link, addresses: [] } }, 'boot/interface', 'fail'],
    ['a wireless interface', { interface: { ...link, isWireless: true } }, 'boot/wireless', 'fail'],
    ['an interface that nobody knows to be wired', { interface: link }, 'boot/wireless', 'unknown'],
    ['the way to the world', { interface: { ...link, carriesDefaultRoute: true } }, 'boot/default-route', 'warn'],
    ['routes that could not be read', { interface: link }, 'boot/default-route', 'unknown'],
    ['a DHCP server on this host', { ports: [dhcp] }, 'boot/port-dhcp', 'warn'],
    ['a TFTP server on this host', { ports: [tftp] }, 'boot/port-tftp', 'fail'],
    [
      'a firewall without a rule for a port',
      { firewall: { dropping: ['f in'], namedPorts: [67] } },
      'boot/firewall',
      'fail',
    ],
    ['a firewall with rules', { firewall: { dropping: ['f in'], namedPorts: [67, 69] } }, 'boot/firewall', 'pass'],
    ['no UKI', { ukis: [{ architecture: 'arm64', path: '/a' }] }, 'boot/uki-arm64', 'fail'],
    [
      'an error page for a UKI',
      { ukis: [{ architecture: 'arm64', path: '/a', sizeBytes: 9 }] },
      'boot/uki-arm64',
      'fail',
    ],
    ['an image that was not fetched', { cache: { wanted: 2, missing: ['a'] } }, 'boot/cache', 'fail'],
    ['a cache with all images', { cache: { wanted: 2, missing: [] } }, 'boot/cache', 'pass'],
    ['a factory that nobody needs', { factory: { origin: 'https://f', isNeeded: false } }, 'boot/factory', 'pass'],
    ['a factory that answers', { factory: { origin: 'https://f', isNeeded: true } }, 'boot/factory', 'pass'],
    [
      'a factory that is out of reach',
      { factory: { origin: 'https://f', isNeeded: true, why: 'does not answer' } },
      'boot/factory',
      'fail',
    ],
    ['every iPXE', { loaders: iPXE(['undionly.kpxe', 'snponly.efi'], true) }, 'boot/ipxe', 'pass'],
    ['an iPXE for BIOS machines', { loaders: iPXE(['undionly.kpxe'], false) }, 'boot/ipxe', 'pass'],
    ['no iPXE where BIOS machines may come', { loaders: iPXE([], false) }, 'boot/ipxe', 'warn'],
    ['one for UEFI where BIOS machines may come', { loaders: iPXE(['snponly.efi'], true) }, 'boot/ipxe', 'warn'],
    ['no iPXE where the rack file wants one', { loaders: iPXE([], true) }, 'boot/ipxe', 'fail'],
    ['one for BIOS where UEFI goes through one', { loaders: iPXE(['undionly.kpxe'], true) }, 'boot/ipxe', 'fail'],
    [
      'that of the other architecture',
      { loaders: { ...iPXE(['undionly.kpxe', 'snponly.efi'], true), architectures: ['arm64'] } },
      'boot/ipxe',
      'fail',
    ],
    [
      'no iPXE where there is no machine with BIOS',
      { loaders: { ...iPXE([], false), architectures: ['arm64'] } },
      'boot/ipxe',
      'pass',
    ],
    ['a full disk', { freeBytes: 1 }, 'boot/disk-space', 'fail'],
    ['a clock that was never set', { now: new Date('1970-01-01T00:00:00Z') }, 'boot/clock', 'fail'],
    ['a clock that nobody sets', { isClockSynchronized: false }, 'boot/clock', 'warn'],
  ])('judges %s', (_, facts, id, expected) => {
    expect(verdict(facts, id)).toBe(expected);
  });

  it.each([
    ['interface', 'boot/interface', 'fail'],
    ['firewall', 'boot/firewall', 'unknown'],
    ['freeBytes', 'boot/disk-space', 'unknown'],
    ['isClockSynchronized', 'boot/clock', 'unknown'],
  ] as const)('never passes what could not be read: %s', (key, id, expected) => {
    expect(judgeHost(without(key)).find((one) => one.id === id)?.verdict).toBe(expected);
  });

  it('names the iPXE that is missing, and none that is there', () => {
    const judged = judgeHost({ ...good, loaders: iPXE(['undionly.kpxe'], true) }).find(({ id }) => id === 'boot/ipxe');
    expect(judged?.says).toBe('The rack file sends machines through iPXE, and this was not found: snponly.efi');
  });

  it('says what to do about everything that is not a pass', () => {
    const bad: HostFacts = {
      ...good,
      ports: [dhcp, tftp],
      ukis: [{ architecture: 'arm64', path: '/a' }],
      freeBytes: 1,
      loaders: iPXE([], false),
      factory: { origin: 'https://f', isNeeded: true, why: 'does not answer' },
    };
    for (const finding of judgeHost(bad)) {
      if (finding.verdict !== 'pass') expect(finding.remedy).toMatch(/\.$/);
    }
  });
});
