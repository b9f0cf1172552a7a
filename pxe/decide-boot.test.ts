import { describe, expect, it } from 'vitest';
import { bootFiles } from './boot-file.ts';
import {
  admitStrangers,
  advertisementOf,
  type BootIntent,
  type BootOffers,
  type DiskThrough,
  decideBoot,
  offeredBy,
  opens,
} from './decide-boot.ts';
import type { BootClient, ClientFirmware } from './identify-client.ts';
import { httpClient, pxeClient } from './request.fixture.ts';

const offers: BootOffers = {
  ukis: { amd64: '/srv/amd64', arm64: '/srv/arm64' },
  kernels: ['amd64', 'arm64'],
  loaders: ['undionly.kpxe', 'snponly.efi'],
  httpOrigin: 'http://10.0.0.2:8080',
};
const boot: BootIntent = { kind: 'boot', machine: 'node-1' };

describe('decideBoot', () => {
  it.each<[string, BootClient, string]>([
    ['x64 UEFI', pxeClient, 'tftp:talos-amd64.efi'],
    ['x64 UEFI that calls itself EBC', { ...pxeClient, architectures: [9] }, 'tftp:talos-amd64.efi'],
    ['arm64 UEFI', { ...pxeClient, architectures: [11] }, 'tftp:talos-arm64.efi'],
    ['x64 UEFI over HTTP', httpClient, 'http://10.0.0.2:8080/talos-amd64.efi'],
    ['arm64 UEFI over HTTP', { ...httpClient, architectures: [19] }, 'http://10.0.0.2:8080/talos-arm64.efi'],
    ['a client with a second architecture that fits', { ...pxeClient, architectures: [6, 7] }, 'tftp:talos-amd64.efi'],
  ])('gives %s its UKI', (_, client, offered) => {
    expect(offeredBy(decideBoot(client, boot, offers))).toBe(offered);
  });

  it.each<[string, Partial<BootClient>, string]>([
    ['iPXE on BIOS', { architectures: [0] }, 'http://10.0.0.2:8080/talos-amd64.ipxe'],
    ['iPXE on x64 UEFI', { architectures: [7] }, 'http://10.0.0.2:8080/talos-amd64.ipxe'],
    ['iPXE on arm64 UEFI', { architectures: [11] }, 'http://10.0.0.2:8080/talos-arm64.ipxe'],
  ])('gives %s a script, never a UKI, whose command line iPXE would replace', (_, some, url) => {
    const client: BootClient = { ...pxeClient, ...some, firmware: 'ipxe' };
    for (const intent of [boot, { ...boot, through: 'ipxe' } as const]) {
      const decision = decideBoot(client, intent, offers);
      expect([decision.kind, offeredBy(decision)]).toEqual(['ipxe-script', url]);
    }
  });

  it('gives a BIOS machine iPXE, and says how to help it where there is none', () => {
    const client: BootClient = { ...pxeClient, firmware: 'bios-pxe', architectures: [0] };
    expect(offeredBy(decideBoot(client, boot, offers))).toBe('tftp:undionly.kpxe');
    expect(decideBoot(client, boot, { ...offers, loaders: [] })).toMatchObject({
      kind: 'hold',
      reason:
        'x86 BIOS needs iPXE (undionly.kpxe), which was not found: install Debian’s package ipxe, or set the machine to UEFI boot',
    });
  });

  it('sends UEFI firmware through iPXE where the operator says so', () => {
    const through: BootIntent = { ...boot, through: 'ipxe' };
    const given = [pxeClient, httpClient].map((client) => offeredBy(decideBoot(client, through, offers)));
    expect(given).toEqual(['tftp:snponly.efi', 'http://10.0.0.2:8080/snponly.efi']);
  });

  it.each<[BootIntent, readonly (string | undefined)[]]>([
    [{ ...boot, through: 'uefi-http' }, [undefined, 'http://10.0.0.2:8080/talos-amd64.efi', undefined, undefined]],
    [{ ...boot, through: 'uefi-tftp' }, ['tftp:talos-amd64.efi', undefined, undefined, undefined]],
    [
      { ...boot, through: 'ipxe' },
      [
        'tftp:snponly.efi',
        'http://10.0.0.2:8080/snponly.efi',
        'http://10.0.0.2:8080/talos-amd64.ipxe',
        'tftp:undionly.kpxe',
      ],
    ],
  ])('answers only what asks in the way that is wanted: $through', (intent, expected) => {
    const ipxe: BootClient = { ...pxeClient, firmware: 'ipxe' };
    const bios: BootClient = { ...pxeClient, firmware: 'bios-pxe', architectures: [0] };
    const decisions = [pxeClient, httpClient, ipxe, bios].map((client) => decideBoot(client, intent, offers));
    expect(decisions.map(offeredBy)).toEqual(expected);
  });

  it('says why it waits for another question', () => {
    expect(decideBoot(pxeClient, { ...boot, through: 'uefi-http' }, offers)).toMatchObject({
      kind: 'hold',
      machine: 'node-1',
      reason: 'boot.through is uefi-http, and it asks as x64 UEFI',
    });
  });

  describe('an installed machine that silence does not send to its disk', () => {
    const bios: BootClient = { ...pxeClient, firmware: 'bios-pxe', architectures: [0] };
    const ipxe: BootClient = { ...bios, firmware: 'ipxe' };
    const toDisk = (client: BootClient, through: DiskThrough, more: Partial<BootOffers> = {}) =>
      decideBoot(client, { kind: 'local-disk', machine: 'node-1', through }, { ...offers, ...more });

    it.each<[DiskThrough, readonly (string | undefined)[]]>([
      [
        'exit',
        [
          'tftp:snponly.efi',
          'http://10.0.0.2:8080/snponly.efi',
          'tftp:undionly.kpxe',
          'http://10.0.0.2:8080/exit.ipxe',
        ],
      ],
      [
        'sanboot',
        [
          'tftp:snponly.efi',
          'http://10.0.0.2:8080/snponly.efi',
          'tftp:undionly.kpxe',
          'http://10.0.0.2:8080/sanboot.ipxe',
        ],
      ],
      [
        'not-found',
        [
          'tftp:boot-from-disk.efi',
          'http://10.0.0.2:8080/boot-from-disk.efi',
          'tftp:boot-from-disk.efi',
          'http://10.0.0.2:8080/boot-from-disk.efi',
        ],
      ],
    ])('is told %s, and is never given Talos', (through, expected) => {
      const decisions = [pxeClient, httpClient, bios, ipxe].map((client) => toDisk(client, through));
      expect(decisions.map(offeredBy)).toEqual(expected);
      for (const decision of decisions) {
        expect(decision.kind).toBe('local-disk');
        const talos = bootFiles.filter((file) => opens(decision, file) && file.kind === 'uki');
        expect([...talos, ...bootFiles.filter((file) => file.kind === 'initrd' && opens(decision, file))]).toEqual([]);
      }
    });

    it.each<[number, string | undefined, string | undefined]>([
      [22, 'boot-from-disk.efi', 'PXEClient'],
      [24, 'http://10.0.0.2:8080/boot-from-disk.efi', 'HTTPClient'],
      [23, undefined, undefined],
    ])('is told a missing file by the transport of its U-Boot: %i', (type, bootFile, vendorClass) => {
      const client: BootClient = { ...pxeClient, firmware: 'u-boot', architectures: [type] };
      const told = advertisementOf(toDisk(client, 'not-found'));
      expect([told?.bootFile, told?.vendorClass]).toEqual([bootFile, vendorClass]);
    });

    it('has silence where iPXE is wanted and none was found', () => {
      expect(offeredBy(toDisk(bios, 'exit', { loaders: [] }))).toBeUndefined();
      expect(offeredBy(toDisk(ipxe, 'exit', { loaders: [] }))).toBe('http://10.0.0.2:8080/exit.ipxe');
    });
  });

  it('starts nobody with iPXE whom it could give no kernel afterwards', () => {
    const client: BootClient = { ...pxeClient, firmware: 'bios-pxe', architectures: [0] };
    for (const one of [client, { ...client, firmware: 'ipxe' } as const]) {
      expect(decideBoot(one, boot, { ...offers, kernels: ['arm64'] })).toMatchObject({
        kind: 'hold',
        reason: 'the UKI for amd64 has no kernel and initrd that iPXE could be given',
      });
    }
  });

  it.each<[number, string]>([
    [22, 'tftp:talos-arm64.efi'],
    [24, 'http://10.0.0.2:8080/talos-arm64.efi'],
  ])('gives U-Boot of architecture %i the UKI, which it starts as an EFI program', (type, offered) => {
    expect(offeredBy(decideBoot({ ...pxeClient, firmware: 'u-boot', architectures: [type] }, boot, offers))).toBe(
      offered,
    );
  });

  it.each<[ClientFirmware, number, string]>([
    ['uefi-pxe', 6, 'there is no boot file for x86 UEFI (32 bit)'],
    ['bios-http', 20, 'there is no boot file for x86 BIOS HTTP: set the machine to UEFI boot'],
    ['other', 99, 'there is no boot file for architecture type 99'],
  ])('holds what it has nothing for: %s %i', (firmware, type, reason) => {
    expect(decideBoot({ ...pxeClient, firmware, architectures: [type] }, boot, offers)).toMatchObject({
      kind: 'hold',
      reason,
    });
  });

  it('holds a machine for whose architecture the operator has no UKI', () => {
    const decision = decideBoot(httpClient, boot, { ...offers, ukis: { arm64: '/srv/arm64' } });
    expect(decision).toMatchObject({ kind: 'hold', reason: 'the rack file names no boot.uki.amd64' });
  });

  it('gives nothing to a machine that is installed or held, whatever it could boot', () => {
    const installed: BootIntent = { kind: 'local-disk', machine: 'node-1' };
    const held: BootIntent = { kind: 'hold', reason: 'not in the rack file' };
    expect([decideBoot(pxeClient, installed, offers), decideBoot(httpClient, held, offers)]).toEqual([installed, held]);
    expect(offeredBy(decideBoot(pxeClient, installed, offers))).toBeUndefined();
  });

  it('lets a stranger in while the rack is open, and nobody who is held for another reason', () => {
    const stranger: BootIntent = { kind: 'hold', reason: 'not in the rack file', isStranger: true };
    const doubted: BootIntent = { kind: 'hold', reason: 'two entries mean it' };
    expect(admitStrangers(stranger, true)).toEqual({ kind: 'boot' });
    expect(admitStrangers(stranger, false)).toBe(stranger);
    expect(admitStrangers(doubted, true)).toBe(doubted);
    expect(offeredBy(decideBoot(pxeClient, admitStrangers(stranger, true), offers))).toBe('tftp:talos-amd64.efi');
  });
});
