import { describe, expect, it } from 'vitest';
import { installDiskExpression, installDiskSelector, parseInstallDiskExpression } from './install-disk-selector.ts';

const disk = { name: 'sda', transport: 'sata' };
const selectorOf = (identity: { serial?: string; wwid?: string; transport?: string }) =>
  installDiskSelector({ ...disk, ...identity }, 'node-1');

describe('installDiskSelector', () => {
  it('asks for serial and WWID when the disk has both, and for the one that it has otherwise', () => {
    expect(selectorOf({ serial: 'S1', wwid: 'naa.5000' })).toEqual({ serial: 'S1', wwid: 'naa.5000' });
    expect(selectorOf({ serial: 'S1' })).toEqual({ serial: 'S1' });
    expect(selectorOf({ wwid: 'naa.5000' })).toEqual({ wwid: 'naa.5000' });
  });

  it('refuses a name that Talos would read as a pattern, in either place', () => {
    for (const name of ['S*', 'S?', '[S1]', '{S1}', 'S\\1']) {
      const fault = { code: 'talos/disk-not-nameable', kind: 'operator' };
      expect(() => selectorOf({ serial: name })).toThrow(expect.objectContaining(fault));
      expect(() => selectorOf({ serial: 'S1', wwid: name })).toThrow(expect.objectContaining(fault));
    }
  });

  it('refuses a disk without a name of its own, and one that Talos would not take for a disk', () => {
    expect(() => selectorOf({})).toThrow(/node-1: the disk sda .* neither a serial number nor a WWID/);
    expect(() => selectorOf({ serial: '' })).toThrow(/neither/);
    expect(() => selectorOf({ serial: 'S1', transport: '' })).toThrow(/no transport/);
  });
});

describe('installDiskExpression', () => {
  it('asks for the same in the language of Talos 1.14', () => {
    expect(installDiskExpression({ serial: 'S"1', wwid: 'naa.5000' })).toBe(
      'disk.transport != "" && disk.serial == "S\\"1" && disk.wwid == "naa.5000"',
    );
    expect(installDiskExpression({ wwid: 'naa.5000' })).toBe('disk.transport != "" && disk.wwid == "naa.5000"');
  });

  it('is read back as what it names, and nothing else is', () => {
    for (const selector of [{ serial: 'S"1', wwid: 'naa.5000' }, { serial: 'S1' }, { wwid: 'x' }]) {
      expect(parseInstallDiskExpression(installDiskExpression(selector))).toEqual(selector);
    }
    expect(parseInstallDiskExpression('disk.size > 100u * GB')).toBeUndefined();
    expect(parseInstallDiskExpression('disk.transport != "" && disk.serial == "a" || true')).toBeUndefined();
  });
});
