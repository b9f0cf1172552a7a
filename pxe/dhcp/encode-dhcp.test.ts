import { describe, expect, it } from 'vitest';
import { ovmfPxeDiscover } from '../ovmf-requests.fixture.ts';
import { packetOf } from '../request.fixture.ts';
import { encodeDhcp } from './encode-dhcp.ts';

describe('encodeDhcp', () => {
  it('writes real firmware’s DISCOVER byte for byte, but for the padding', () => {
    const bytes = encodeDhcp(packetOf(ovmfPxeDiscover));
    expect(bytes.subarray(0, ovmfPxeDiscover.length)).toEqual(ovmfPxeDiscover);
  });

  it('pads to the 300 bytes that BOOTP relays expect', () => {
    expect(encodeDhcp({ ...packetOf(ovmfPxeDiscover), options: new Map() })).toHaveLength(300);
  });

  it('splits an option of more than 255 bytes and keeps an empty one', () => {
    const options = new Map([
      [43, new Uint8Array(300).fill(7)],
      [80, new Uint8Array()],
    ]);
    const bytes = encodeDhcp({ ...packetOf(ovmfPxeDiscover), options }).subarray(240);
    expect([...bytes.subarray(0, 2)]).toEqual([43, 255]);
    expect([...bytes.subarray(257, 260)]).toEqual([43, 45, 7]);
    expect([...bytes.subarray(304)]).toEqual([80, 0, 255]);
  });
});
