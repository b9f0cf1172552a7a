import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeDnsAnswer, encodeDnsQuery } from './dns-message.ts';

describe('a DNS message', () => {
  it('asks for the IPv4 addresses of a name', () => {
    const hex = Buffer.from(encodeDnsQuery(0x1234, 'ghcr.io')).toString('hex');
    expect(hex).toBe('1234' + '0100' + '0001000000000000' + '0467686372' + '02696f' + '00' + '00010001');
  });

  it('is read past other records, with names that point back', () => {
    const answer = [
      '1234' + '8180' + '0001000200000000' + '0467686372' + '02696f' + '00' + '00010001',
      'c00c' + '0005' + '0001' + '0000003c' + '0006' + '0378797ac00c',
      'c029' + '0001' + '0001' + '0000003c' + '0004' + '8c527905',
    ].join('');
    expect(decodeDnsAnswer(Buffer.from(answer, 'hex'))).toEqual({ id: 0x1234, code: 0, addresses: ['140.82.121.5'] });
    for (let length = 0; length < answer.length / 2; length += 1)
      expect(decodeDnsAnswer(Buffer.from(answer, 'hex').subarray(0, length))).toBeUndefined();
  });

  it('is no answer when it is a question, or anything else', () => {
    expect(decodeDnsAnswer(encodeDnsQuery(1, 'a.b'))).toBeUndefined();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        decodeDnsAnswer(bytes);
      }),
    );
  });
});
