import { describe, expect, it } from 'vitest';
import { seconds } from '../../core/millis.ts';
import { negotiateOptions } from './negotiate-options.ts';

const termsFor = (options: Readonly<Record<string, string>>) =>
  negotiateOptions({ kind: 'read', file: 'a', mode: 'octet', options: new Map(Object.entries(options)) }, 4000);

describe('negotiateOptions', () => {
  it('acknowledges what was asked for, in its order, and nothing else', () => {
    const terms = termsFor({ tsize: '0', blksize: '1468', windowsize: '4', timeout: '3' });
    expect([...terms.accepted]).toEqual([
      ['tsize', '4000'],
      ['blksize', '1468'],
      ['windowsize', '4'],
      ['timeout', '3'],
    ]);
    expect(terms).toMatchObject({ blockSize: 1468, windowSize: 4, retransmitAfter: seconds(3) });
  });

  it('keeps to RFC 1350 for a client that asks for nothing', () => {
    expect(termsFor({})).toEqual({ blockSize: 512, windowSize: 1, retransmitAfter: seconds(1), accepted: new Map() });
  });

  it('gives less than asked for where a frame or a window has its limit', () => {
    expect(termsFor({ blksize: '65464', windowsize: '65535' })).toMatchObject({ blockSize: 1468, windowSize: 64 });
  });

  it.each([
    ['blksize', '7'],
    ['blksize', '70000'],
    ['blksize', '-1'],
    ['blksize', '0x200'],
    ['windowsize', '0'],
    ['timeout', '0'],
    ['timeout', '255'],
    ['multicast', ''],
  ])('takes %s %s as not asked for, instead of refusing the transfer', (name, value) => {
    expect(termsFor({ [name]: value }).accepted.size).toBe(0);
  });
});
