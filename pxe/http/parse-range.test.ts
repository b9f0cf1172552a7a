import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRange } from './parse-range.ts';

describe('parseRange', () => {
  it.each([
    ['bytes=0-0', { start: 0, end: 1 }],
    ['Bytes=5-', { start: 5, end: 10 }],
    ['bytes=-3', { start: 7, end: 10 }],
    ['bytes=-30', { start: 0, end: 10 }],
    ['bytes=3-999999999999', { start: 3, end: 10 }],
    ['bytes=10-', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=5-4', undefined],
    ['bytes=-', undefined],
    ['bytes=0-1,3-4', undefined],
    ['bytes=+1-2', undefined],
    [undefined, undefined],
  ])('reads %j of ten bytes as %j', (header, range) => {
    expect(parseRange(header, 10)).toEqual(range);
  });

  it('has no range in an empty file', () => {
    expect([parseRange('bytes=0-', 0), parseRange('bytes=-5', 0)]).toEqual(['unsatisfiable', 'unsatisfiable']);
  });

  it('never leaves the file, whatever is asked', () => {
    const header = fc.oneof(
      fc.string(),
      fc.tuple(fc.nat(), fc.nat()).map(([a, b]) => `bytes=${a}-${b}`),
    );
    fc.assert(
      fc.property(header, fc.nat(), (text, sizeBytes) => {
        const range = parseRange(text, sizeBytes);
        if (range === undefined || range === 'unsatisfiable') return;
        expect(range.start).toBeLessThan(range.end);
        expect(range.end).toBeLessThanOrEqual(sizeBytes);
      }),
    );
  });
});
