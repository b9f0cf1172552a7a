import { describe, expect, it } from 'vitest';
import type { MachineReport } from '../core/machine-report.ts';
import { describeMachine } from './describe-machine.ts';
import { renderAge, renderMachineTable } from './machine-table.ts';

const bare: MachineReport = {
  apiVersion: 'rackwright.dev/v1alpha1',
  kind: 'Machine',
  identity: '52:54:00:00:00:01',
  identityBy: 'macs',
  identityReason: 'it tells no UUID',
  macs: ['52:54:00:00:00:01'],
  state: 'booting',
  conflicts: [],
  unknown: [],
};
const look = { isUtf8: false };

describe('renderMachineTable', () => {
  it('shows what nobody knows as a question mark, and no value', () => {
    const [head, line] = renderMachineTable([bare], { ...look, isWide: true });
    expect(head).toMatch(/^NAME.*HELD-BECAUSE$/);
    expect(line?.split(/ {3,}/)).toEqual([
      '-',
      'booting',
      '?',
      '52:54:00:00:00:01',
      '?',
      '?',
      '?',
      '?',
      '?',
      '?',
      '?',
      '?',
      '?',
      '?',
      '52:54:00:00:00:01',
      '?',
      '-',
    ]);
  });

  it('lets no machine write to the terminal what it likes', () => {
    const evil = { ...bare, system: { product: '\u{1b}[2J\nrm' } };
    const lines = [...renderMachineTable([evil], { ...look, isWide: false }), ...describeMachine(evil, look)];
    for (const line of lines) expect(line).toMatch(/^[ -~]*$/);
  });
});

describe('describeMachine', () => {
  it('says of each thing that it is unknown, or why', () => {
    const text = describeMachine({ ...bare, unknown: [{ fact: 'memory', why: 'it does not say' }] }, look).join('\n');
    for (const what of ['UUID: ', 'Vendor: ', 'Secure Boot: ', 'Memory: '])
      expect(text).toMatch(new RegExp(`${what} +unknown`));
    expect(text).toMatch(/Disks:\n {2}unknown/);
    expect(text).toContain('memory: it does not say');
  });

  it('does not call a disk blank that nobody has read', () => {
    const disk = { name: 'sda', path: '/dev/sda', sizeBytes: '1000', rotational: false, readOnly: false };
    expect(describeMachine({ ...bare, disks: [disk] }, look).join('\n')).toContain('nobody has read yet what is on it');
    const blank = { ...disk, signatures: [], contents: [] };
    expect(describeMachine({ ...bare, disks: [blank] }, look).join('\n')).toContain('blank, as far as Talos can tell');
  });
});

describe('renderAge', () => {
  it.each([
    [0, '0s'],
    [59, '59s'],
    [60, '1m'],
    [7199, '1h'],
    [86_400 * 9, '9d'],
  ])('of %i seconds is %s', (seconds, text) => {
    expect(renderAge(seconds)).toBe(text);
  });
});
