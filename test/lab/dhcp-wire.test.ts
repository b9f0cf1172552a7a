import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMac } from '../../core/mac-address.ts';
import { type DhcpMessage, ipv4Bytes, optionOf, readDhcp, textOf, writeDhcp } from './dhcp-wire.ts';

const message: DhcpMessage = {
  op: 1,
  hops: 0,
  xid: 0xdeadbeef,
  flags: 0x8000,
  ciaddr: '0.0.0.0',
  yiaddr: '10.0.0.9',
  siaddr: '10.0.0.1',
  giaddr: '0.0.0.0',
  mac: parseMac('52:54:00:98:00:01')!,
  file: 'boot.efi',
  options: [
    [53, Uint8Array.of(1)],
    [54, ipv4Bytes('10.0.0.1')],
  ],
};

describe('the simulated machines’ DHCP', () => {
  it('puts the fields where RFC 2131 says', () => {
    const bytes = Buffer.from(writeDhcp(message));
    expect(bytes.subarray(0, 12).toString('hex')).toBe('01010600deadbeef00008000');
    expect(bytes.subarray(16, 24).toString('hex')).toBe('0a0000090a000001');
    expect(bytes.subarray(28, 34).toString('hex')).toBe('525400980001');
    expect(bytes.subarray(236).toString('hex')).toBe('6382536335010136040a000001ff');
  });

  it('reads what it wrote', () => {
    const read = readDhcp(writeDhcp(message))!;
    expect({ ...read, options: read.options.map(([code, value]) => [code, [...value]]) }).toEqual({
      ...message,
      options: message.options.map(([code, value]) => [code, [...value]]),
    });
  });

  it('joins the parts of a split option', () => {
    const part = (text: string) => [67, Buffer.from(text)] as const;
    const read = readDhcp(writeDhcp({ ...message, options: [part('http://'), part('10.0.0.1/a')] }))!;
    expect(textOf(optionOf(read, 67)!)).toBe('http://10.0.0.1/a');
  });

  it('never throws on bytes from the wire', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), fc.uint8Array({ maxLength: 80 }), (bytes, tail) => {
        readDhcp(bytes);
        readDhcp(Buffer.concat([writeDhcp({ ...message, options: [] }).subarray(0, -1), tail]));
      }),
    );
  });
});
