import { describe, expect, it } from 'vitest';
import { ovmfHttpRequest, ovmfPxeDiscover, ovmfPxeRequest } from './ovmf-requests.fixture.ts';
import { packetOf, withOptions } from './request.fixture.ts';
import { seenAddress } from './seen-address.ts';

const request = packetOf(ovmfPxeRequest);

describe('seenAddress', () => {
  it('is the address that a machine asks the DHCP server for', () => {
    expect([seenAddress(request), seenAddress(packetOf(ovmfHttpRequest))]).toEqual([
      { kind: 'address', mac: '52:54:00:98:00:02', address: '10.98.0.96' },
      { kind: 'address', mac: '52:54:00:98:00:01', address: '10.98.0.95' },
    ]);
  });

  it('is learnt from a system that is no boot client, and when it renews', () => {
    const renewing = { ...withOptions(request, { 60: undefined, 50: undefined }), ciaddr: '10.98.0.70' };
    expect(seenAddress(renewing)).toMatchObject({ address: '10.98.0.70' });
  });

  it.each([
    ['a DISCOVER', packetOf(ovmfPxeDiscover)],
    ['a REQUEST that names no address', withOptions(request, { 50: undefined })],
    ['a REQUEST with half an address', withOptions(request, { 50: Uint8Array.of(10, 0) })],
    ['a reply', { ...request, op: 2 }],
  ])('is nothing in %s', (_, packet) => {
    expect(seenAddress(packet)).toBeUndefined();
  });
});
