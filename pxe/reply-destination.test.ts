import { describe, expect, it } from 'vitest';
import { ovmfPxeDiscover } from './ovmf-requests.fixture.ts';
import { replyDestination } from './reply-destination.ts';
import { packetOf, withOptions } from './request.fixture.ts';

const discover = packetOf(ovmfPxeDiscover);
const from = { address: '10.0.0.9', port: 4011 };

describe('replyDestination', () => {
  it('is everybody for a client that has no address yet', () => {
    expect(replyDestination(discover, from, 'dhcp')).toEqual({ address: '255.255.255.255', port: 68 });
  });

  it('is the client’s own address when it has one', () => {
    expect(replyDestination({ ...discover, ciaddr: '10.0.0.9' }, from, 'dhcp')).toEqual({
      address: '10.0.0.9',
      port: 68,
    });
  });

  it('is where the client sent from on port 4011', () => {
    expect(replyDestination({ ...discover, ciaddr: '10.0.0.9' }, from, 'proxyDhcp')).toEqual(from);
  });

  it('is port 67 of a relay, whatever port the relay sent from', () => {
    const relayed = { ...withOptions(discover, { 82: Uint8Array.of(1, 1, 19) }), giaddr: '10.5.0.1' };
    expect(replyDestination(relayed, from, 'dhcp')).toEqual({ address: '10.5.0.1', port: 67 });
  });

  it('is the relay’s own port when it asks for that', () => {
    const relayed = { ...withOptions(discover, { 82: Uint8Array.of(1, 2, 7, 7, 19, 0) }), giaddr: '10.5.0.1' };
    expect(replyDestination(relayed, from, 'dhcp')).toEqual({ address: '10.5.0.1', port: 4011 });
  });
});
