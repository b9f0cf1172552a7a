import { describe, expect, it } from 'vitest';
import { OptionList } from './option-list.ts';

const list = () => {
  const options = new OptionList(Uint8Array.of(9, 8, 7, 6));
  options.set(53, Uint8Array.of(1));
  options.addFrom(97, 1, 3);
  options.set(60, Uint8Array.of(2));
  return options;
};

describe('OptionList', () => {
  it('gives options in the order in which they came, those of the datagram too', () => {
    const all = [
      [53, Uint8Array.of(1)],
      [97, Uint8Array.of(8, 7)],
      [60, Uint8Array.of(2)],
    ];
    expect([...list()]).toEqual(all);
    const told: unknown[] = [];
    list().forEach((value, code) => told.push([code, value]));
    expect(told).toEqual(all);
  });

  it('leaves an option that is set anew in its place', () => {
    const options = list();
    options.set(97, Uint8Array.of(5));
    expect([...options].map(([code]) => code)).toEqual([53, 97, 60]);
    expect(options.get(97)).toEqual(Uint8Array.of(5));
  });

  it('forgets an option, and keeps the others with their bytes', () => {
    const options = list();
    options.delete(53);
    options.delete(54);
    expect([...options]).toEqual([
      [97, Uint8Array.of(8, 7)],
      [60, Uint8Array.of(2)],
    ]);
  });

  it('knows what is not there', () => {
    expect([list().has(97), list().has(98), list().get(98)]).toEqual([true, false, undefined]);
  });
});
