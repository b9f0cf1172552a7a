import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutText, fitText, wrapText } from './fit-text.ts';

const look = fc.record({ isUtf8: fc.boolean() });

describe('fitText', () => {
  it('is exactly as wide as asked for', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(40), look, (text, width, how) => {
        expect(Array.from(fitText(text, width, how))).toHaveLength(width);
      }),
    );
  });

  it('shows that something is missing', () => {
    expect(fitText('controlplane', 8, { isUtf8: true })).toBe('control…');
    expect(fitText('controlplane', 8, { isUtf8: false })).toBe('contr...');
    expect(cutText('worker', 8, { isUtf8: true })).toBe('worker');
  });
});

describe('wrapText', () => {
  it('breaks at spaces', () => {
    expect(wrapText('gpt, ext4 on sda2, lvm2-pv', 12, '  ')).toEqual(['  gpt, ext4', '  on sda2,', '  lvm2-pv']);
  });

  it('breaks a word only where it has no room on a line of its own', () => {
    expect(wrapText('serial S64FNX0R900001', 8)).toEqual(['serial', 'S64FNX0R', '900001']);
  });

  it('loses nothing and is never wider than asked for', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 4, max: 60 }), (text, width) => {
        const lines = wrapText(text, width, '  ');
        for (const line of lines) expect(Array.from(line).length).toBeLessThanOrEqual(width);
        expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
      }),
    );
  });
});
