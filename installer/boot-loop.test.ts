import { beforeEach, describe, expect, it } from 'vitest';
import type { Event } from '../core/event.ts';
import { Journal } from '../core/journal.ts';
import { parseMac } from '../core/mac-address.ts';
import { type Millis, minutes, seconds } from '../core/millis.ts';
import { MemoryFiles } from '../test/fakes/memory-files.ts';
import { VirtualClock } from '../test/fakes/virtual-clock.ts';
import { type BootLoopGuard, guardBootLoop } from './boot-loop.ts';

const mac = parseMac('3c:ec:ef:00:00:01')!;

describe('guardBootLoop', () => {
  let ports: { files: MemoryFiles; clock: VirtualClock };
  let events: Event[];
  let guard: BootLoopGuard;
  const open = () => Journal.open('/journal', ports);
  const start = async () => {
    events = [];
    guard = guardBootLoop({ journal: await open(), clock: ports.clock, emit: (event) => events.push(event) });
  };
  const boot = async (after: Millis) => {
    await ports.clock.sleep(after);
    guard.noteAsked('cp-1', mac);
    // What firmware does while nobody answers.
    for (const wait of [4, 8, 16, 32]) {
      await ports.clock.sleep(seconds(wait));
      guard.noteAsked('cp-1', mac);
    }
  };

  beforeEach(async () => {
    ports = { files: new MemoryFiles(), clock: new VirtualClock() };
    const journal = await open();
    await journal.append({ type: 'step.started', step: 'install/cp-1' });
    await journal.append({ type: 'step.confirmed', step: 'install/cp-1' });
    await start();
  });

  it('freezes a machine at its third network boot within half an hour of its install, and says so once', async () => {
    await boot(minutes(2));
    await boot(minutes(2));
    expect([guard.reasonFrozen('cp-1'), events]).toEqual([undefined, []]);
    await boot(minutes(2));
    await boot(minutes(2));
    expect(guard.reasonFrozen('cp-1')).toMatch(
      /asked the network for a boot file 3 times.*does not boot its disk.*rackwright node release RACKFILE cp-1 --reason WHY$/,
    );
    expect(events).toMatchObject([{ type: 'machine.held', mac }]);
    expect(guard.reasonFrozen('cp-2')).toBeUndefined();
  });

  it('counts on over a restart, and remembers who is frozen', async () => {
    await boot(minutes(2));
    await start();
    await boot(minutes(2));
    await start();
    await boot(minutes(2));
    expect(guard.reasonFrozen('cp-1')).toBeDefined();
    await start();
    expect(guard.reasonFrozen('cp-1')).toBeDefined();
  });

  it('lets machines boot that do so rarely, or long after their install, or were never installed', async () => {
    await boot(minutes(10));
    await boot(minutes(14));
    await boot(minutes(10));
    await boot(minutes(2));
    await boot(minutes(2));
    for (let at = 0; at < 4; at++) {
      await ports.clock.sleep(minutes(2));
      guard.noteAsked('new-1', mac);
    }
    expect([guard.reasonFrozen('cp-1'), guard.reasonFrozen('new-1'), events]).toEqual([undefined, undefined, []]);
  });

  it('keeps it frozen when a removed machine of its name is released', async () => {
    for (let at = 0; at < 3; at++) await boot(minutes(2));
    const journal = await open();
    await journal.append({ type: 'machine.released', machine: 'cp-1', reason: 'wiped', macs: ['3c:ec:ef:00:00:09'] });
    await start();
    expect(guard.reasonFrozen('cp-1')).toBeDefined();
  });

  it('does not freeze the machine that gets the name of one that was frozen and removed', async () => {
    for (let at = 0; at < 3; at++) await boot(minutes(2));
    const journal = await open();
    await journal.append({ type: 'machine.removed', machine: 'cp-1', macs: [mac] });
    await start();
    expect(guard.reasonFrozen('cp-1')).toBeUndefined();
  });

  it('lets a released machine go, and freezes it again when it has learnt nothing', async () => {
    for (let at = 0; at < 3; at++) await boot(minutes(2));
    const journal = await open();
    await journal.append({ type: 'machine.released', machine: 'cp-1', reason: 'boot order mended' });
    await start();
    await boot(minutes(2));
    await boot(minutes(2));
    expect(guard.reasonFrozen('cp-1')).toBeUndefined();
    await boot(minutes(2));
    expect(guard.reasonFrozen('cp-1')).toBeDefined();
  });
});
