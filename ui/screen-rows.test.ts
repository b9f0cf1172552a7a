import { describe, expect, it } from 'vitest';
import type { Event } from '../core/event.ts';
import { type Millis, millis } from '../core/millis.ts';
import { parseTimestamp } from '../core/timestamp.ts';
import type { RunView } from './run-view.ts';
import { renderScreenRows } from './screen-rows.ts';
import { macOf, sampleFault, sampleRun, started, viewAfter } from './testing/sample-run.ts';

const size = { columns: 80, rows: 24 };
const ascii = { isUtf8: false, hasColour: false };
const now = parseTimestamp('2026-09-11T10:02:00.250Z') ?? millis(0);

const textOf = (view: RunView, at: Millis = now, from = size, look = ascii) =>
  renderScreenRows(view, at, from, look).map((row) =>
    row
      .map(({ text }) => text)
      .join('')
      .trimEnd(),
  );

const manyMachines = (number: number): Event => ({
  type: 'run.started',
  command: 'rackwright up rack.yaml',
  rack: 'rack-7',
  machines: Array.from({ length: number }, (_, index) => ({ name: `node-${index + 1}`, role: 'worker' })),
});
const waiting = (machine: string): Event => ({
  type: 'step.waiting',
  step: `install/${machine}`,
  title: `install/${machine}`,
  machine,
  reason: 'the installer writes',
});

describe('renderScreenRows', () => {
  it('shows what runs, who serves boots, the machines, strangers, and the steps in progress', () => {
    expect(textOf(viewAfter(...sampleRun)).join('\n')).toMatchInlineSnapshot(`
      "rack-7  2m00s
      boots on eth1 (10.0.0.1); last file talos-amd64.efi to 10.0.0.101, 91.2 MB

        MACHINE  ROLE         STATE         ADDRESS
      * cp-1     controlplane installing    10.0.0.101      0/1 steps
      o node-1   worker       maintenance   10.0.0.102      0/1 steps
      = 52:54:00:00:00:09 10.0.0.109: not in the rack file

      Steps: 0 of 3 done
        1m51s cp-1: Install Talos
                the installer writes /dev/nvme0n1"
    `);
  });

  it('uses nicer glyphs where the terminal has them', () => {
    const rows = textOf(viewAfter(...sampleRun), now, size, { isUtf8: true, hasColour: false });
    expect(rows.some((row) => row.startsWith('◐ cp-1'))).toBe(true);
  });

  it('says how the run ended', () => {
    const view = viewAfter(started, { type: 'run.finished', outcome: 'handed off to Flux', exitCode: 0 });
    expect(textOf(view)[0]).toBe('rack-7  2m00s  handed off to Flux');
  });

  it('says that it is leaving, and for how many steps it waits', () => {
    const view = viewAfter(started, { type: 'run.interrupted', inFlight: ['install/cp-1'] });
    expect(textOf(view)[0]).toContain('leaving: waiting for 1 in flight');
  });

  it('never fills the terminal: no row wider than 79 of 80 columns, no more than 22 of 24 rows', () => {
    const long = 'x'.repeat(300);
    const machines = Array.from({ length: 60 }, (_, index) => `${index}-${long}`);
    const view = viewAfter(
      { type: 'run.started', command: long, rack: long, machines: machines.map((name) => ({ name, role: long })) },
      { type: 'boot.listening', interface: long, address: long, services: [long] },
      ...Array.from({ length: 60 }, (_, last): Event => ({ type: 'machine.held', mac: macOf(last), reason: long })),
      ...machines.flatMap((name): Event[] => [
        { type: 'machine.observed', machine: name, address: long, stage: long },
        { type: 'step.waiting', step: name, title: name, machine: name, reason: long },
      ]),
    );
    for (const [columns, rows] of [
      [80, 24],
      [40, 10],
      [20, 6],
      [200, 60],
    ] as const) {
      const drawn = textOf(view, now, { columns, rows });
      expect(drawn.length).toBeLessThanOrEqual(rows - 2);
      for (const row of drawn) expect(row.length).toBeLessThan(columns);
    }
  });

  it('keeps the machines that need attention, and counts the others', () => {
    const view = viewAfter(manyMachines(40), {
      type: 'step.failed',
      step: 'install/node-40',
      title: 'Install',
      machine: 'node-40',
      fault: sampleFault,
    });
    const rows = textOf(view);
    expect(rows.some((row) => row.startsWith('! node-40'))).toBe(true);
    const shown = rows.filter((row) => /^[!.] node-/.test(row)).length;
    expect(rows).toContainEqual(`  ${40 - shown} more: ${40 - shown} not seen`);
  });

  it('keeps a place for strangers on a full screen', () => {
    const held = Array.from(
      { length: 9 },
      (_, last): Event => ({ type: 'machine.held', mac: macOf(last), reason: 'unknown' }),
    );
    const rows = textOf(viewAfter(manyMachines(40), ...held));
    expect(rows.filter((row) => row.startsWith('= 52:54'))).toHaveLength(2);
    expect(rows.some((row) => row.includes('7 more not in the rack file'))).toBe(true);
  });

  it('gives each step two rows, then one, then counts those that have no room', () => {
    const stepRows = (number: number) => {
      const names = Array.from({ length: number }, (_, index) => `node-${index + 1}`);
      const rows = textOf(viewAfter(manyMachines(2), ...names.map(waiting)));
      return rows.slice(rows.findIndex((row) => row.startsWith('Steps')));
    };
    expect(stepRows(2)).toHaveLength(1 + 2 * 2);
    expect(stepRows(2)[2]?.trim()).toBe('the installer writes');
    expect(stepRows(9)).toHaveLength(1 + 9);
    expect(stepRows(9)[1]).toContain('install/node-1: the installer writes');
    expect(stepRows(30).at(-1)?.trim()).toMatch(/^\d+ more in progress$/);
  });
});
