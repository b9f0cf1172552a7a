import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bootReply } from './boot-reply.ts';
import { decideBoot } from './decide-boot.ts';
import { dhcpOption } from './dhcp/dhcp-option.ts';
import { encodeReply, maximumSizeBytes } from './frame-reply.ts';
import { ovmfPxeDiscover } from './ovmf-requests.fixture.ts';
import { packetOf, pxeClient, withOptions } from './request.fixture.ts';

const discover = packetOf(ovmfPxeDiscover);
const decision = decideBoot(
  pxeClient,
  { kind: 'boot', machine: 'node-1' },
  { ukis: { amd64: '/srv/amd64' }, httpOrigin: 'http://10.98.0.1:8080' },
);

/** The bytes of our offer to a client with a long identifier and a chatty relay. */
function offerTo(clientIdentifierBytes: number, relayBytes = 0) {
  const request = withOptions(discover, {
    57: undefined,
    61: new Uint8Array(clientIdentifierBytes).fill(6),
    82: relayBytes === 0 ? undefined : new Uint8Array(relayBytes).fill(8),
  });
  const reply = bootReply(request, 'dhcp', decision, '10.98.0.1');
  if (reply === undefined) throw new Error('no reply');
  return { reply, bytes: encodeReply(request, reply) };
}

describe('encodeReply', () => {
  it('leaves a reply alone that the client can take', () => {
    const { reply, bytes } = offerTo(100);
    expect(packetOf(bytes)).toEqual(reply);
  });

  it('moves options into sname, then into file, and says all that it said before', () => {
    const { reply, bytes } = offerTo(253);
    expect(bytes.length).toBeLessThanOrEqual(548);
    expect(new Map([...packetOf(bytes).options].sort())).toEqual(new Map([...reply.options].sort()));
    expect(packetOf(bytes).siaddr).toBe('10.98.0.1');
  });

  it('gives up the echoes before it is too long', () => {
    const { bytes } = offerTo(600);
    expect(bytes.length).toBeLessThanOrEqual(548);
    expect(packetOf(bytes).options.has(61)).toBe(false);
    expect(packetOf(bytes).options.has(67)).toBe(true);
  });

  it('always fits, has the boot file, and ends with what the relay sent', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 800 }), fc.integer({ min: 0, max: 255 }), (client, relay) => {
        const { bytes } = offerTo(client, relay);
        expect(bytes.length).toBeLessThanOrEqual(548);
        const { options } = packetOf(bytes);
        expect(options.has(67)).toBe(true);
        if (relay > 0) {
          expect(
            [...bytes.subarray(240).subarray(bytes.subarray(240).lastIndexOf(255) - relay - 2)].slice(0, 2),
          ).toEqual([82, relay]);
        }
      }),
    );
  });
});

describe('maximumSizeBytes', () => {
  it.each([
    ['absent', undefined, 548],
    ['smaller than RFC 2132 allows', Uint8Array.of(0, 100), 548],
    ['1024', Uint8Array.of(4, 0), 996],
    ['byte-swapped by EDK2', Uint8Array.of(255, 0), 1472],
  ])('is read from option 57: %s', (_, value, size) => {
    expect(maximumSizeBytes(withOptions(discover, { [dhcpOption.maximumMessageSize]: value }))).toBe(size);
  });
});
