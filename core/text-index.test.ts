import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyIndex, getText, setText, type TextIndex } from './text-index.ts';
import { at, emptyVector, put, type Vector, valuesOf } from './vector.ts';

const change = fc.tuple(fc.integer({ min: 0, max: 2 ** 20 - 1 }), fc.option(fc.nat(), { nil: undefined }));

describe('a vector', () => {
  it('holds at each place what was put there last, gives all in order, and leaves the old ones as they were', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
        const model = new Map<number, number>();
        let vector: Vector<number> = emptyVector;
        for (const [place, value] of changes) {
          const before = vector;
          const [was, all] = [at(before, place), [...valuesOf(before)]];
          vector = put(vector, place, value);
          if (value === undefined) model.delete(place);
          else model.set(place, value);
          expect(at(vector, place)).toBe(value);
          expect([at(before, place), [...valuesOf(before)]]).toEqual([was, all]);
        }
        expect([...valuesOf(vector)]).toEqual([...model].sort(([a], [b]) => a - b).map(([, value]) => value));
      }),
    );
  });
});

describe('a text index', () => {
  it('finds under each key what was set last', () => {
    const key = fc.oneof(fc.string(), fc.constantFrom('a', 'b', '__proto__', ''));
    fc.assert(
      fc.property(fc.array(fc.tuple(key, fc.option(fc.nat(), { nil: undefined }))), (changes) => {
        const model = new Map<string, number | undefined>();
        let index: TextIndex<number> = emptyIndex;
        for (const [text, value] of changes) {
          index = setText(index, text, value);
          model.set(text, value);
        }
        for (const [text, value] of model) expect(getText(index, text)).toBe(value);
      }),
    );
  });

  it('tells keys apart that share a bucket', () => {
    const texts = Array.from({ length: 20_000 }, (_, count) => `52:54:00:${count}`);
    const index = texts.reduce<TextIndex<string>>((all, text) => setText(all, text, text), emptyIndex);
    expect(texts.filter((text) => getText(index, text) !== text)).toEqual([]);
    expect(getText(index, 'nobody')).toBeUndefined();
  });
});
