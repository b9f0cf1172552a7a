import { describe, expect, it } from 'vitest';
import { type BootIntent, type BootOffers, decideBoot, offeredBy } from './decide-boot.ts';
import type { BootClient } from './identify-client.ts';
import { httpClient, pxeClient } from './request.fixture.ts';

const offers: BootOffers = { ukis: { amd64: '/srv/amd64', arm64: '/srv/arm64' }, httpOrigin: 'http://10.0.0.2:8080' };
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

  it('never gives a UKI to iPXE, which would drop its command line', () => {
    const decision = decideBoot({ ...pxeClient, firmware: 'ipxe' }, boot, offers);
    expect(decision).toMatchObject({
      kind: 'hold',
      machine: 'node-1',
      reason: expect.stringContaining('iPXE') as string,
    });
  });

  it('holds a BIOS machine and says how to help it', () => {
    const decision = decideBoot({ ...pxeClient, firmware: 'bios-pxe', architectures: [0] }, boot, offers);
    expect(decision).toMatchObject({
      kind: 'hold',
      reason: 'there is no boot file for x86 BIOS: set the machine to UEFI boot',
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
});
