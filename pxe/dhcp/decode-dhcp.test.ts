import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ovmfPxeDiscover } from '../ovmf-requests.fixture.ts';
import { packetOf } from '../request.fixture.ts';
import { type DecodedDhcp, decodeDhcp } from './decode-dhcp.ts';
import { type DhcpPacket, headerSizeBytes } from './dhcp-packet.ts';
import { encodeDhcp } from './encode-dhcp.ts';

const byte = fc.integer({ min: 0, max: 255 });
const address = fc.tuple(byte, byte, byte, byte).map((octets) => octets.join('.'));
const text = (maxLength: number) =>
  fc.array(fc.integer({ min: 1, max: 255 }), { maxLength }).map((codes) => String.fromCharCode(...codes));
/** Any option but pad, end and overload, which belong to the form and not to the message. */
const optionCode = fc.integer({ min: 1, max: 254 }).filter((code) => code !== 52);
const packet: fc.Arbitrary<DhcpPacket> = fc.record({
  op: byte,
  htype: byte,
  hops: byte,
  xid: fc.integer({ min: 0, max: 0xffffffff }),
  secs: fc.integer({ min: 0, max: 0xffff }),
  flags: fc.integer({ min: 0, max: 0xffff }),
  ciaddr: address,
  yiaddr: address,
  siaddr: address,
  giaddr: address,
  chaddr: fc.uint8Array({ maxLength: 16 }),
  sname: text(64),
  file: text(128),
  options: fc
    .array(fc.tuple(optionCode, fc.uint8Array({ maxLength: 600 })), { maxLength: 12 })
    .map((all) => new Map(all)),
});

const withPlainOptions = (decoded: DecodedDhcp) =>
  decoded.kind === 'malformed'
    ? decoded
    : { ...decoded, packet: { ...decoded.packet, options: [...decoded.packet.options] } };

describe('decodeDhcp', () => {
  it('gives back what encodeDhcp was given', () => {
    fc.assert(
      fc.property(packet, (one) => {
        const packet = { ...one, options: [...one.options] };
        expect(withPlainOptions(decodeDhcp(encodeDhcp(one)))).toEqual({ kind: 'packet', packet });
      }),
    );
  });

  it('answers any bytes with a packet or a reason, and what it takes survives encoding', () => {
    const anyOptions = fc.uint8Array({ maxLength: 600 }).map((options) => withOptionBytes([...options]));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 700 }), anyOptions), (bytes) => {
        const decoded = decodeDhcp(bytes);
        if (decoded.kind === 'malformed') expect(decoded.reason).not.toBe('');
        else expect(withPlainOptions(decodeDhcp(encodeDhcp(decoded.packet)))).toEqual(withPlainOptions(decoded));
      }),
    );
  });

  it('reads a DISCOVER of real firmware', () => {
    const { xid, flags, chaddr, options } = packetOf(ovmfPxeDiscover);
    expect({ xid, flags, chaddr: [...chaddr] }).toEqual({
      xid: 0xafd172cf,
      flags: 0x8000,
      chaddr: [0x52, 0x54, 0x00, 0x98, 0x00, 0x02],
    });
    expect([...options].map(([code]) => code)).toEqual([53, 57, 55, 97, 94, 93, 60]);
    expect([...(options.get(93) ?? [])]).toEqual([0, 7]);
  });

  it('joins the parts of an option in the order of the wire', () => {
    const bytes = withOptionBytes([43, 2, 1, 2, 12, 1, 65, 43, 1, 3, 255]);
    expect([...packetOf(bytes).options]).toEqual([
      [43, Uint8Array.of(1, 2, 3)],
      [12, Uint8Array.of(65)],
    ]);
  });

  it('finds options in file and sname, in this order, when option 52 says so', () => {
    const bytes = withOptionBytes([52, 1, 3, 43, 1, 1, 255]);
    bytes.set([43, 1, 2, 255], 108);
    bytes.set([43, 1, 3, 255], 44);
    const { options, file, sname } = packetOf(bytes);
    expect({ options: [...options], file, sname }).toEqual({
      options: [[43, Uint8Array.of(1, 2, 3)]],
      file: '',
      sname: '',
    });
  });

  it('takes options that no end option closes', () => {
    expect(packetOf(withOptionBytes([53, 1, 1])).options.get(53)).toEqual(Uint8Array.of(1));
  });

  it.each([
    [
      'a datagram shorter than the header',
      ovmfPxeDiscover.subarray(0, 239),
      '239 bytes are too few for a DHCP message',
    ],
    ['a BOOTP message', new Uint8Array(300), 'no DHCP magic cookie'],
    ['an option longer than the datagram', withOptionBytes([60, 9, 80]), 'option 60 runs past the end'],
    ['an option without a length', withOptionBytes([60]), 'option 60 runs past the end'],
  ])('refuses %s', (_, bytes, reason) => {
    expect(decodeDhcp(bytes)).toEqual({ kind: 'malformed', reason });
  });

  it('refuses a hardware address that the field cannot hold', () => {
    const bytes = Uint8Array.from(ovmfPxeDiscover);
    bytes[2] = 17;
    expect(decodeDhcp(bytes).kind).toBe('malformed');
  });
});

function withOptionBytes(options: readonly number[]): Uint8Array {
  return Uint8Array.from([...ovmfPxeDiscover.subarray(0, headerSizeBytes), ...options]);
}
