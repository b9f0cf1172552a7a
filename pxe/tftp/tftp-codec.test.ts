import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOfHex } from '../hex.fixture.ts';
import { decodeTftp } from './decode-tftp.ts';
import { encodeTftp } from './encode-tftp.ts';
import type { TftpPacket } from './tftp-packet.ts';

const text = fc
  .array(fc.integer({ min: 1, max: 255 }), { maxLength: 30 })
  .map((codes) => String.fromCharCode(...codes));
const option = fc.tuple(fc.constantFrom('blksize', 'tsize', 'timeout', 'windowsize', 'x-other'), text);
const options = fc.array(option, { maxLength: 6 }).map((all) => new Map(all));
const number16 = fc.integer({ min: 0, max: 0xffff });
const kind = <K extends TftpPacket['kind']>(one: K) => fc.constant(one);
const packet: fc.Arbitrary<TftpPacket> = fc.oneof(
  fc.record({ kind: kind('read'), file: text, mode: fc.constantFrom('octet', 'netascii'), options }),
  fc.record({ kind: kind('write'), file: text, mode: fc.constant('octet'), options }),
  fc.record({ kind: kind('data'), block: number16, data: fc.uint8Array({ maxLength: 600 }) }),
  fc.record({ kind: kind('ack'), block: number16 }),
  fc.record({ kind: kind('error'), code: number16, message: text }),
  fc.record({ kind: kind('optionAck'), options: options.filter((all) => all.size > 0) }),
);

describe('the TFTP codec', () => {
  it('gives back what it was given', () => {
    fc.assert(
      fc.property(packet, (one) => {
        expect(decodeTftp(encodeTftp(one))).toEqual(one);
      }),
    );
  });

  it('answers any bytes with a packet or a reason', () => {
    const likely = fc
      .tuple(fc.integer({ min: 0, max: 7 }), fc.uint8Array({ maxLength: 300 }))
      .map(([code, rest]) => Uint8Array.of(0, code, ...rest));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), likely), (bytes) => {
        const decoded = decodeTftp(bytes);
        if (decoded.kind === 'malformed') expect(decoded.reason).not.toBe('');
        else expect(decodeTftp(encodeTftp(decoded))).toEqual(decoded);
      }),
    );
  });

  it('reads the size probe of OVMF', () => {
    const bytes =
      '000174616c6f732d616d6436342e656669006f63746574007473697a65003000626c6b73697a6500313436380077696e646f7773697a65003400';
    expect(decodeTftp(bytesOfHex(bytes))).toEqual({
      kind: 'read',
      file: 'talos-amd64.efi',
      mode: 'octet',
      options: new Map([
        ['tsize', '0'],
        ['blksize', '1468'],
        ['windowsize', '4'],
      ]),
    });
  });

  it('reads mode and option names in any case', () => {
    const bytes = Buffer.from('\0\u0001a\0OCTET\0BlkSize\u00001024\0');
    expect(decodeTftp(bytes)).toMatchObject({ mode: 'octet', options: new Map([['blksize', '1024']]) });
  });

  it('refuses a request whose mode is cut off', () => {
    expect(decodeTftp(Buffer.from('\0\u0001file\0octet')).kind).toBe('malformed');
  });
});
