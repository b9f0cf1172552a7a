import { PassThrough } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import type { Event } from '../core/event.ts';
import { type Millis, millis, seconds } from '../core/millis.ts';
import type { Clock } from '../core/ports.ts';
import { createScreenFace } from './screen-face.ts';
import { FakeTerminal } from './testing/fake-terminal.ts';
import { sampleFault, samplePlan, sampleRun, stamp } from './testing/sample-run.ts';

// Otherwise a colour that should not be there could not be seen here: nothing is coloured in a pipe.
vi.hoisted(() => {
  process.env['FORCE_COLOR'] = '1';
});

/** Time that stands still until a test moves it. `asleep` resolves when the drawing waits for its next frame. */
class SteppedClock implements Clock {
  #now = new Date('2026-09-11T10:00:30Z').getTime();
  #wake: (() => void) | undefined;
  #asleep = Promise.withResolvers<Millis>();

  now = () => new Date(this.#now);
  monotonic = () => millis(this.#now);

  sleep(span: Millis, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      signal?.addEventListener('abort', () => resolve());
      this.#asleep.resolve(span);
    });
  }

  /** Moves on by this much, and resolves with the pause that follows the next frame, if there was one to draw. */
  async advance(span: Millis): Promise<Millis> {
    await this.#asleep.promise;
    this.#asleep = Promise.withResolvers();
    this.#now += span;
    this.#wake?.();
    return this.#asleep.promise;
  }

  /** What a slow terminal does to whoever writes to it. */
  pass(span: Millis): void {
    this.#now += span;
  }
}

function openFace(terminal = new FakeTerminal(), look = { isUtf8: false, hasColour: false }) {
  const clock = new SteppedClock();
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const face = createScreenFace({ out: terminal, err: terminal, input, clock, ...look });
  const show = (...events: Event[]) => {
    for (const [index, event] of events.entries()) face.show(stamp(event, index));
  };
  return { face, terminal, clock, input, show };
}

const done: Event = {
  type: 'step.done',
  step: 'install/cp-1',
  title: 'Install Talos',
  machine: 'cp-1',
  alreadyDone: false,
};
const failed: Event = {
  type: 'step.failed',
  step: 'install/node-1',
  title: 'Install Talos',
  machine: 'node-1',
  fault: sampleFault,
};
const finished: Event = { type: 'run.finished', outcome: '1 machine failed', exitCode: 6, fault: sampleFault };
const never = new AbortController().signal;

describe('the screen', () => {
  it('draws the state of the rack in place, and what is finished above it', async () => {
    const { terminal, clock, show, face } = openFace();
    show(...sampleRun);
    await clock.advance(seconds(1));
    show(done);
    await clock.advance(seconds(1));
    expect(terminal.text).toMatchInlineSnapshot(`
      "10:00:00 run      rackwright up rack.yaml: rack-7, 1 controlplane and 1 worker
      10:00:04 held     52:54:00:00:00:09 at 10.0.0.109: not in the rack file
      10:00:07 plan     the plan is:
      Plan 3f9c2a10b7d8 for rack-7

      cp-1 (controlplane): 10.0.0.101 -> 10.0.0.11
          uuid 4c4c4544-0042-3510-8052-b4c04f593101, mac 52:54:00:00:00:01
          writes /dev/nvme0n1, serial S64FNX0R900001, 480 GB SAMSUNG
            MZQL2480HCJR-00A07
          holds nothing that we know of

      node-1 (worker): 10.0.0.102 -> 10.0.0.12
          uuid 4c4c4544-0042-3510-8052-b4c04f593102, mac 52:54:00:00:00:02
          writes /dev/sda, serial WD-WX42D70LAKF3, 1.92 TB
          !! DESTROYS what is on it now: gpt, ext4 on sda2, lvm2-pv on sda3

      Steps, each as soon as those that it comes after are done:
        1. cp-1: Install Talos
        2. node-1: Install Talos
        3. Bootstrap etcd

      2 disks will be written.
      !! DATA WILL BE LOST on 1 disk:
         node-1 serial WD-WX42D70LAKF3: gpt, ext4 on sda2, lvm2-pv on sda3
      10:00:08 approved plan 3f9c2a10b7d8
      10:00:00 done     cp-1: Install Talos (0s)
      rack-7  32s
      boots on eth1 (10.0.0.1); last file talos-amd64.efi to 10.0.0.101, 91.2 MB

        MACHINE  ROLE         STATE         ADDRESS
      + cp-1     controlplane ready         10.0.0.101      1/1 steps
      o node-1   worker       maintenance   10.0.0.102      0/1 steps
      = 52:54:00:00:00:09 10.0.0.109: not in the rack file

      Steps: 1 of 3 done"
    `);
    await face.close();
  });

  it('counts the seconds of a step though nothing happens', async () => {
    const { terminal, clock, show, face } = openFace();
    show(...sampleRun);
    await clock.advance(seconds(1));
    expect(terminal.text).toContain('    22s cp-1: Install Talos');
    await clock.advance(seconds(61));
    expect(terminal.text).toContain('  1m23s cp-1: Install Talos');
    expect(terminal.text).not.toContain('    22s');
    await face.close();
  });

  it('leaves the last state and every finished line on the terminal when it closes', async () => {
    const { terminal, show, face } = openFace();
    show(...sampleRun, done, failed, finished);
    await face.close();
    expect(terminal.text).toContain('failed   node-1: Install Talos: not done after 15m00s');
    expect(terminal.text.match(/code core\/step-timeout/g)).toHaveLength(1);
    expect(terminal.text.split('\n').at(-1)).toBe('Steps: 1 of 3 done, 1 failed');
  });

  it('is never wider than a terminal of 80 columns, and does not write in its last one', async () => {
    const { terminal, clock, show, face } = openFace();
    show(...sampleRun, failed, { type: 'file.written', what: 'kubeconfig', path: `/${'x'.repeat(200)}` });
    await clock.advance(seconds(1));
    await face.close();
    expect(terminal.widest).toBeLessThan(80);
  });

  it('does not use the alternate screen, erase the history, or colour what is not to be coloured', async () => {
    const { terminal, clock, show, face } = openFace();
    show(...sampleRun, failed);
    await clock.advance(seconds(1));
    await face.close();
    for (const sequence of ['\u001b[?1049h', '\u001b[?47h', '\u001b[2J', '\u001b[3J']) {
      expect(terminal.raw).not.toContain(sequence);
    }
    expect(terminal.raw).not.toMatch(/\u001b\[[\d;]*m/);
    expect(terminal.text).toMatch(/^[ -~\n]*$/);
  });

  it('colours where it may', async () => {
    const { terminal, clock, show, face } = openFace(new FakeTerminal(), { isUtf8: true, hasColour: true });
    show(...sampleRun, failed);
    await clock.advance(seconds(1));
    await face.close();
    expect(terminal.raw).toContain('\u001b[31m✗ ');
    expect(terminal.text).toContain('✗ node-1   worker       failed');
  });

  it('gives the cursor back', async () => {
    const { terminal, clock, show, face } = openFace();
    show(...sampleRun);
    await clock.advance(seconds(1));
    await face.close();
    expect(terminal.raw.lastIndexOf('\u001b[?25h')).toBeGreaterThan(terminal.raw.lastIndexOf('\u001b[?25l'));
  });

  it('draws one frame for a hundred events, a tenth of a second later', async () => {
    const { terminal, clock, show, face } = openFace();
    show(...sampleRun);
    expect(await clock.advance(millis(100))).toBe(100);
    const before = terminal.raw;
    for (let number = 0; number < 100; number += 1) {
      show({
        type: 'step.waiting',
        step: 'install/cp-1',
        title: 'Install Talos',
        machine: 'cp-1',
        reason: `${number} % written`,
      });
    }
    expect(terminal.raw).toBe(before);
    await clock.advance(millis(100));
    const frame = terminal.raw.slice(before.length);
    expect(frame).toContain('99');
    expect(frame.match(/% written|\d+ %|99/g)).toHaveLength(1);
    await face.close();
  });

  it('draws seldom where a frame takes long, so that a serial line does not hold up the boots', async () => {
    const terminal = new FakeTerminal();
    const { clock, show, face } = openFace(terminal);
    const write = terminal._write.bind(terminal);
    terminal._write = (text, encoding, written) => {
      clock.pass(millis(15));
      write(text, encoding, written);
    };
    show(...sampleRun);
    expect(await clock.advance(millis(100))).toBeGreaterThan(100);
    await face.close();
  });

  it('takes 80 by 24 for the size of a terminal that does not know it', async () => {
    const { terminal, clock, show, face } = openFace(new FakeTerminal({ columns: 0, rows: 0 }));
    show(...sampleRun);
    await clock.advance(seconds(1));
    expect(terminal.text).toContain('cp-1     controlplane installing');
    expect(terminal.widest).toBeLessThan(80);
    await face.close();
  });

  it('goes away without a word when the terminal does', async () => {
    const { terminal, clock, show, face } = openFace();
    show(...sampleRun);
    await clock.advance(seconds(1));
    terminal.destroy(new Error('write EIO'));
    show(done);
    await clock.advance(seconds(1));
    await expect(face.close()).resolves.toBeUndefined();
  });
});

describe('the question', () => {
  it('stands below the plan, alone, and the screen comes back after it', async () => {
    const { terminal, clock, input, show, face } = openFace();
    show(...sampleRun.slice(0, 8));
    await clock.advance(seconds(1));
    const answer = face.askToWrite(samplePlan, { needsTypedNames: ['node-1'] }, never);
    await terminal.shows(/Type its name to go on:$/);
    expect(terminal.text).not.toContain('MACHINE  ROLE');
    expect(terminal.text.match(/serial S64FNX0R900001/g)).toHaveLength(1);
    input.write('node-1\n');
    expect(await answer).toBe('yes');
    show({ type: 'plan.approved', plan: samplePlan.digest });
    await clock.advance(seconds(1));
    expect(terminal.text).toContain('MACHINE  ROLE');
    expect(terminal.text.match(/the plan is:/g)).toHaveLength(1);
    await face.close();
  });

  it('is not drawn over by what happens meanwhile', async () => {
    const { terminal, clock, input, show, face } = openFace();
    show(...sampleRun.slice(0, 8));
    await clock.advance(seconds(1));
    const answer = face.askToWrite(samplePlan, { needsTypedNames: [] }, never);
    await terminal.shows(/\[y\/N\]$/);
    show({ type: 'machine.observed', machine: 'cp-1', address: '10.0.0.101', stage: 'rebooting' });
    const drawn = clock.advance(seconds(5));
    expect(terminal.text).toMatch(/\[y\/N\]$/);
    input.write('n\n');
    expect(await answer).toBe('no');
    await drawn;
    expect(terminal.text).toContain('~ cp-1     controlplane rebooting');
    await face.close();
  });

  it('does not keep a face from closing', async () => {
    const { terminal, show, face } = openFace();
    show(...sampleRun.slice(0, 8));
    const answer = face.askToWrite(samplePlan, { needsTypedNames: [] }, never);
    await terminal.shows(/\[y\/N\]$/);
    await face.close();
    expect(await answer).toBe('no');
  });
});
