import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineSplitter } from './line-splitter.ts';

describe('LineSplitter', () => {
  it('finds the same lines wherever the text was cut', () => {
    const line = fc.string().map((text) => text.replaceAll(/[\r\n]/g, ''));
    fc.assert(
      fc.property(fc.array(line), fc.constantFrom('\n', '\r\n'), fc.array(fc.nat(100)), (lines, end, cuts) => {
        let rest = lines.map((one) => one + end).join('');
        const found: string[] = [];
        const splitter = new LineSplitter((one) => found.push(one));
        for (const cut of cuts) {
          splitter.push(rest.slice(0, cut));
          rest = rest.slice(cut);
        }
        splitter.push(rest);
        splitter.end();
        expect(found).toEqual(lines);
      }),
    );
  });

  it('takes a last line without an end for a line', () => {
    const found: string[] = [];
    const splitter = new LineSplitter((one) => found.push(one));
    splitter.push('a\nb');
    splitter.end();
    splitter.end();
    expect(found).toEqual(['a', 'b']);
  });
});
