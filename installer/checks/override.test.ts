import { describe, expect, it } from 'vitest';
import { parseOverride } from './override.ts';

const machines = ['cp-1', 'cp-2'];

describe('parseOverride', () => {
  it('takes a check, a machine or all, and everything after = as the reason', () => {
    expect(parseOverride('cpu=lab', machines)).toEqual({ check: 'cpu', reason: 'lab' });
    expect(parseOverride('cpu@cp-2=a = b @ c', machines)).toEqual({
      check: 'cpu',
      machine: 'cp-2',
      reason: 'a = b @ c',
    });
  });

  it.each([
    ['cpus=x', /no check cpus.*Allowed are .*cpu, memory/s],
    ['=x', /no check/],
    ['', /no check/],
    ['cpu', /no reason/],
    ['cpu=  ', /no reason/],
    ['cpu@cp-2=', /no reason/],
    ['cpu@cp-9=x', /no machine cp-9.*Allowed are cp-1, cp-2/s],
    ['cpu@=x', /no machine/],
    ['vip@cp-1=x', /check of the whole rack/],
    ['install-disk=x', /cannot be overridden/],
    ['install-disk-content@cp-1=x', /cannot be overridden/],
    ['identity=x', /cannot be overridden/],
    ['old-install=x', /cannot be overridden/],
    ['data-disks=x', /cannot be overridden/],
  ])('refuses %j', (text, words) => {
    const refused = expect.objectContaining({ code: 'installer/override-refused', exitCode: 4 }) as unknown;
    let thrown: unknown;
    try {
      parseOverride(text, machines);
    } catch (fault) {
      thrown = fault;
    }
    expect(thrown).toEqual(refused);
    const { message, remedy } = thrown as { message: string; remedy: string };
    expect(`${message} ${remedy}`).toMatch(words);
  });
});
