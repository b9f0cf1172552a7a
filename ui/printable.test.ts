import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printable } from './printable.ts';

describe('printable', () => {
  it('leaves ordinary text alone', () => {
    expect(printable('Größe 480 GB → ok', { isUtf8: true })).toBe('Größe 480 GB → ok');
  });

  it('gives one line that no terminal obeys, whatever comes in', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(printable(text, { isUtf8: true })).toMatch(/^[^\p{Cc}\p{Cs}\n]*$/u);
      }),
    );
  });

  it('gives ASCII where nothing else can be shown, whatever comes in', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(printable(text, { isUtf8: false })).toMatch(/^[ -~]*$/);
      }),
    );
  });

  it('spells the signs of our own sentences in ASCII', () => {
    expect(printable('a → b… “c”', { isUtf8: false })).toBe('a -> b... "c"');
  });
});
