import { describe, expect, it } from 'vitest';
import { SpecCache } from './spec-cache.ts';

describe('SpecCache', () => {
  it('parses a text once, and gives a value that nobody can change', () => {
    const specs = new SpecCache();
    const first = specs.parse('disks: [sda]') as { disks: string[] };
    expect(first).toEqual({ disks: ['sda'] });
    expect(specs.parse('disks: [sda]')).toBe(first);
    expect(() => first.disks.push('sdb')).toThrow(TypeError);
  });

  it('forgets what was not read for long, and what is long', () => {
    const specs = new SpecCache();
    const read = (text: string) => specs.parse(text);
    const [early, used, long] = ['a: 1', 'b: 2', `c: ${'x'.repeat(5000)}`].map(read);
    for (let other = 0; other < 1200; other += 1) {
      read(`other: ${other}`);
      if (other % 100 === 0) read('b: 2');
    }
    expect(read('b: 2')).toBe(used);
    expect(read('a: 1')).not.toBe(early);
    expect(read(`c: ${'x'.repeat(5000)}`)).not.toBe(long);
  });

  it('shares nothing with the cache of another connection', () => {
    expect(new SpecCache().parse('a: 1')).not.toBe(new SpecCache().parse('a: 1'));
  });
});
