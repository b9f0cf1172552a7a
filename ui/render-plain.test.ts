import { describe, expect, it } from 'vitest';
import type { Event } from '../core/event.ts';
import { foldView } from './fold-view.ts';
import { renderPlain } from './render-plain.ts';
import { emptyView } from './run-view.ts';
import { macOf, sampleFault, samplePlan, sampleRun, stamp, started } from './testing/sample-run.ts';

/** The lines of these events, a second apart. */
function linesOf(events: readonly Event[], look = { isUtf8: true }): string[] {
  let view = emptyView;
  return events.flatMap((event, index) => {
    const line = renderPlain(stamp(event, index), view, look);
    view = foldView(view, stamp(event, index));
    return line === undefined ? [] : [line];
  });
}

describe('renderPlain', () => {
  it('tells a run line by line', () => {
    expect(linesOf(sampleRun.filter((event) => event.type !== 'plan.proposed'))).toMatchInlineSnapshot(`
      [
        "2026-09-11T10:00:00Z run      rackwright up rack.yaml: rack-7, 1 controlplane and 1 worker",
        "2026-09-11T10:00:01Z listen   10.0.0.1 on eth1: proxyDHCP 67, TFTP 69, HTTP 8080",
        "2026-09-11T10:00:02Z boot     cp-1 (52:54:00:00:00:01) by UEFI HTTP x64: talos-amd64.efi over HTTP",
        "2026-09-11T10:00:03Z served   talos-amd64.efi to 10.0.0.101 over http, 91.2 MB",
        "2026-09-11T10:00:04Z held     52:54:00:00:00:09 at 10.0.0.109: not in the rack file",
        "2026-09-11T10:00:05Z seen     cp-1 at 10.0.0.101: maintenance",
        "2026-09-11T10:00:06Z seen     node-1 at 10.0.0.102: maintenance",
        "2026-09-11T10:00:07Z approved plan 3f9c2a10b7d8",
        "2026-09-11T10:00:08Z wait     cp-1: Install Talos: it is in maintenance mode",
        "2026-09-11T10:00:09Z start    cp-1: Install Talos",
        "2026-09-11T10:00:10Z seen     cp-1 at 10.0.0.101: installing",
        "2026-09-11T10:00:11Z wait     cp-1: Install Talos: the installer writes /dev/nvme0n1",
      ]
    `);
  });

  it('tells a reason to wait once, until it changes', () => {
    const waiting = (reason: string): Event => ({
      type: 'step.waiting',
      step: 'bootstrap',
      title: 'Bootstrap etcd',
      reason,
    });
    const lines = linesOf([
      { type: 'plan.proposed', plan: samplePlan },
      ...['etcd is preparing', 'etcd is preparing', 'no leader yet', 'etcd is preparing'].map(waiting),
    ]);
    expect(lines.slice(1)).toEqual([
      '2026-09-11T10:00:01Z wait     Bootstrap etcd: etcd is preparing',
      '2026-09-11T10:00:03Z wait     Bootstrap etcd: no leader yet',
      '2026-09-11T10:00:04Z wait     Bootstrap etcd: etcd is preparing',
    ]);
  });

  it('tells what a machine does once, until it changes', () => {
    const seen: Event = { type: 'machine.observed', machine: 'cp-1', address: '10.0.0.101', stage: 'running' };
    expect(linesOf([started, seen, seen, { ...seen, address: '10.0.0.11' }]).slice(1)).toHaveLength(2);
  });

  it('tells of a machine that is held once, until the reason changes', () => {
    const held: Event = { type: 'machine.held', mac: macOf(9), reason: 'not in the rack file' };
    expect(linesOf([held, held, { ...held, reason: 'its UUID is in use twice' }])).toHaveLength(2);
  });

  it('does not tell that a machine got no boot file when it told why it is held', () => {
    const held: Event = { type: 'machine.held', mac: macOf(9), reason: 'not in the rack file' };
    const booted: Event = {
      type: 'boot.decided',
      mac: macOf(9),
      firmware: 'uefi-pxe',
      decision: 'hold: not in the rack file',
    };
    expect(linesOf([held, booted])).toHaveLength(1);
    expect(linesOf([booted])).toHaveLength(1);
  });

  it('keeps the lines of a fault that has several', () => {
    const fault = { ...sampleFault, title: 'rack.yaml has 2 problems:\n  3:1 one\n  9:1 other' };
    const [line] = linesOf([{ type: 'run.finished', outcome: 'not started', exitCode: 4, fault }]);
    expect(line).toContain('\n    rack.yaml has 2 problems:\n      3:1 one\n      9:1 other\n    state');
  });

  it('tells one dropped packet of a kind, and counts the others in silence', () => {
    const dropped: Event = { type: 'packet.dropped', from: '0.0.0.0', reason: 'too short' };
    expect(linesOf([dropped, dropped])).toEqual(['2026-09-11T10:00:00Z dropped  a packet from 0.0.0.0: too short']);
    const flood = Array.from({ length: 500 }, (_, index): Event => ({ ...dropped, reason: `reason ${index}` }));
    expect(linesOf(flood)).toHaveLength(20);
  });

  it('says nothing of a client that only asked for the size of a file', () => {
    const asked: Event = {
      type: 'file.served',
      address: '10.0.0.101',
      file: 'a.efi',
      protocol: 'tftp',
      bytes: 0,
      complete: false,
    };
    expect(linesOf([asked])).toEqual([]);
  });

  it('says how long a step took, and when there was nothing to do', () => {
    const done: Event = { type: 'step.done', step: 'bootstrap', title: 'Bootstrap etcd', alreadyDone: false };
    const lines = linesOf([
      { type: 'step.started', step: 'bootstrap', title: 'Bootstrap etcd' },
      done,
      { ...done, alreadyDone: true },
    ]);
    expect(lines.slice(1)).toEqual([
      '2026-09-11T10:00:01Z done     Bootstrap etcd (1s)',
      '2026-09-11T10:00:02Z done     Bootstrap etcd (was done already)',
    ]);
  });

  it('tells a fault with its place, the state of things, and what to do next', () => {
    const fault = {
      ...sampleFault,
      title: 'two disks fit',
      places: [{ file: 'rack.yaml', path: 'machines[0].disk', line: 31, column: 5 }],
    };
    expect(
      linesOf([{ type: 'step.failed', step: 'install/cp-1', title: 'Install Talos', machine: 'cp-1', fault }]),
    ).toEqual([
      [
        '2026-09-11T10:00:00Z failed   cp-1: Install Talos: two disks fit',
        '    at    rack.yaml:31:5 machines[0].disk',
        '    state What was done so far stays.',
        '    next  Run the same command again.',
        '    code  core/step-timeout',
      ].join('\n'),
    ]);
  });

  it('does not name the step twice where the fault does', () => {
    const [line] = linesOf([
      { type: 'step.failed', step: 'install/cp-1', title: 'Install Talos', machine: 'cp-1', fault: sampleFault },
    ]);
    expect(line?.split('\n')[0]).toBe(`2026-09-11T10:00:00Z failed   cp-1: ${sampleFault.title}`);
  });

  it('does not tell a fault again at the end of the run', () => {
    const failed: Event = { type: 'step.failed', step: 'bootstrap', title: 'Bootstrap etcd', fault: sampleFault };
    const finished: Event = {
      type: 'run.finished',
      outcome: '1 step failed',
      exitCode: 6,
      fault: sampleFault,
      next: 'rackwright up rack.yaml',
    };
    expect(linesOf([failed, finished])[1]).toBe(
      '2026-09-11T10:00:01Z finished 1 step failed (exit code 6)\n    next  rackwright up rack.yaml',
    );
    expect(linesOf([finished])[0]).toContain('code  core/step-timeout');
  });

  it('keeps to ASCII where the terminal has nothing else', () => {
    const line = linesOf([{ type: 'file.written', what: 'kubeconfig → “here”…', path: '/tmp/ü' }], { isUtf8: false });
    expect(line).toEqual(['2026-09-11T10:00:00Z written  kubeconfig -> "here"...: /tmp/?']);
  });

  it('lets nobody on the wire write to the terminal', () => {
    const [line = ''] = linesOf([
      { type: 'boot.decided', mac: macOf(9), firmware: '\u001b[2J\u009b31mPXE\n2026 done', decision: 'silence\u202e' },
    ]);
    expect(line).not.toMatch(/[\p{Cc}\u202e]/u);
  });
});
