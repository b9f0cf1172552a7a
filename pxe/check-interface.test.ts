import { describe, expect, it } from 'vitest';
import { checkInterface } from './check-interface.ts';

const link = { name: 'eth0', ipv4: [] };

describe('checkInterface', () => {
  it.each([
    [{ isWireless: true }, 'eth0 is wireless'],
    [{ hasDefaultRoute: true }, 'the default route'],
  ])('refuses an interface with %j, unless its name is allowed', (facts, words) => {
    expect(() => checkInterface({ ...link, ...facts }, ['eth1'])).toThrow(words);
    expect(() => checkInterface({ ...link, ...facts }, ['eth0'])).not.toThrow();
  });

  it('takes any other, also where the system tells nothing', () => {
    expect(() => checkInterface(link, [])).not.toThrow();
    expect(() => checkInterface({ ...link, isWireless: false, hasDefaultRoute: false }, [])).not.toThrow();
  });
});
