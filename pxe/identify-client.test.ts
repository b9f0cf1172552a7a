import { describe, expect, it } from 'vitest';
import { dhcpOption } from './dhcp/dhcp-option.ts';
import type { DhcpPacket } from './dhcp/dhcp-packet.ts';
import { type BootClient, identifyClient } from './identify-client.ts';
import { ovmfHttpDiscover, ovmfPxeDiscover } from './ovmf-requests.fixture.ts';
import { ascii, httpClient, packetOf, pxeClient, withOptions } from './request.fixture.ts';

const discover = packetOf(ovmfPxeDiscover);

describe('identifyClient', () => {
  it('knows the PXE client of real firmware, with its SMBIOS UUID as people write it', () => {
    expect(identifyClient(discover, 'dhcp')).toEqual({ kind: 'client', client: pxeClient });
  });

  it('knows the HTTP boot client of real firmware', () => {
    expect(identifyClient(packetOf(ovmfHttpDiscover), 'dhcp')).toEqual({ kind: 'client', client: httpClient });
  });

  it('looks at the whole list of option 93', () => {
    const client = clientOf(withOptions(discover, { 93: Uint8Array.of(0, 6, 0, 11) }));
    expect(client).toMatchObject({ architectures: [6, 11], architecture: 'arm64' });
  });

  it.each([
    ['BIOS', { 93: Uint8Array.of(0, 0) }, 'bios-pxe'],
    ['U-Boot', { 93: Uint8Array.of(0, 22) }, 'u-boot'],
    ['an architecture that nobody has told us of', { 93: Uint8Array.of(0, 99) }, 'other'],
    ['iPXE by its bare user class', { 77: ascii('iPXE') }, 'ipxe'],
    ['iPXE by a user class with its length before it', { 77: ascii('\u0004iPXE') }, 'ipxe'],
    ['iPXE by its own options', { 175: Uint8Array.of(1, 1, 1) }, 'ipxe'],
  ])('tells %s from UEFI', (_, options, firmware) => {
    expect(clientOf(withOptions(discover, options)).firmware).toBe(firmware);
  });

  it('learns from iPXE which network card asks', () => {
    const virtio = Uint8Array.of(177, 5, 1, 0x1a, 0xf4, 0x10, 0x00, 255);
    expect(clientOf(withOptions(discover, { 175: virtio })).networkCard).toBe('1af4:1000');
    for (const other of [Uint8Array.of(177, 1, 1), Uint8Array.of(177, 9), Uint8Array.of(177, 5, 2, 0, 0, 0, 0)]) {
      expect(clientOf(withOptions(discover, { 175: other }))).not.toHaveProperty('networkCard');
    }
  });

  it.each([
    ['empty', new Uint8Array()],
    ['of another type', new Uint8Array(17).fill(1)],
    ['cut off', new Uint8Array(9)],
  ])('takes a client whose option 97 is %s as one without a UUID', (_, value) => {
    expect(clientOf(withOptions(discover, { [dhcpOption.clientMachineIdentifier]: value }))).not.toHaveProperty('uuid');
  });

  it.each([
    ['a client that asks for an address only', withOptions(discover, { 60: undefined })],
    ['a client of another vendor class', withOptions(discover, { 60: ascii('MSFT 5.0') })],
    ['a reply of another server', { ...discover, op: 2 }],
  ])('leaves %s alone', (_, packet) => {
    expect(identifyClient(packet, 'dhcp').kind).toBe('ignored');
  });

  it.each([
    ['without option 93', withOptions(discover, { 93: undefined })],
    ['with half an architecture number', withOptions(discover, { 93: Uint8Array.of(7) })],
    ['on other hardware than Ethernet', { ...discover, htype: 32, chaddr: new Uint8Array() }],
  ])('calls a boot client %s unusable', (_, packet) => {
    expect(identifyClient(packet, 'dhcp').kind).toBe('unusable');
  });
});

function clientOf(packet: DhcpPacket): BootClient {
  const identified = identifyClient(packet, 'dhcp');
  if (identified.kind !== 'client') throw new Error(identified.reason);
  return identified.client;
}
