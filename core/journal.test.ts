import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryFiles } from '../test/fakes/memory-files.ts';
import { VirtualClock } from '../test/fakes/virtual-clock.ts';
import { Journal, type JournalRecord, type JournalWriter } from './journal.ts';
import { readJournal } from './read-journal.ts';

const path = '/state/journal.jsonl';

async function journalWith(steps: number) {
  const ports = { files: new MemoryFiles(), clock: new VirtualClock() };
  const journal = await Journal.open(path, ports);
  for (let step = 1; step <= steps; step++) await journal.append({ type: 'step.started', step: `step-${step}` });
  return { ports, journal };
}

describe('Journal', () => {
  it('reads back what it wrote, each entry holding the hash of the one before', async () => {
    const { ports, journal } = await journalWith(3);
    const again = await Journal.open(path, ports);
    expect(again.entries).toEqual(journal.entries);
    expect(again.entries.map((entry) => entry.seq)).toEqual([1, 2, 3]);
    expect(again.entries[2]?.prev).toBe(again.entries[1]?.hash);
  });

  it('cuts off a half-written last line and goes on after it', async () => {
    const { ports } = await journalWith(2);
    await ports.files.appendDurably(path, '{"seq":3,"at":"2026-');
    const again = await Journal.open(path, ports);
    expect(again.entries).toHaveLength(2);
    await again.append({ type: 'run.ended', outcome: 'done' });
    expect((await Journal.open(path, ports)).entries).toHaveLength(3);
  });

  it.each([
    ['a changed record', (text: string) => text.replace('step-2', 'step-9'), 2],
    ['a removed line', (text: string) => text.split('\n').toSpliced(1, 1).join('\n'), 2],
    [
      'swapped lines',
      (text: string) => {
        const [a, b, ...rest] = text.split('\n');
        return [b, a, ...rest].join('\n');
      },
      1,
    ],
    ['a line that is no entry', (text: string) => text.replace(/\{"seq":3.*/, 'null'), 3],
    ['a line that is no JSON', (text: string) => text.replace('{"seq":3', '!'), 3],
  ])('refuses %s and names the line', async (_what, spoil, line) => {
    const { ports } = await journalWith(3);
    const text = (await ports.files.readText(path)) ?? '';
    await ports.files.writeAtomically(path, spoil(text), 0o600);
    await expect(Journal.open(path, ports)).rejects.toMatchObject({
      code: 'core/journal-broken',
      message: expect.stringContaining(`line ${line}`) as string,
    });
  });

  it('leaves the file alone when it is opened read-only', async () => {
    const { ports } = await journalWith(1);
    await ports.files.appendDurably(path, '{"seq":2,');
    const before = await ports.files.readText(path);
    const dry = await Journal.open(path, { ...ports, readOnly: true });
    await dry.append({ type: 'step.confirmed', step: 'step-1' });
    expect(dry.pastOf('step-1').confirmed).toBe(true);
    expect(await ports.files.readText(path)).toBe(before);
  });

  it('adds nothing behind a line that could not be written', async () => {
    const { ports, journal } = await journalWith(1);
    const append = ports.files.appendDurably.bind(ports.files);
    ports.files.appendDurably = async (file, line) => {
      await append(file, line.slice(0, 9));
      throw new Error('no space left on device');
    };
    await expect(journal.append({ type: 'step.confirmed', step: 'step-1' })).rejects.toThrow('no space left');
    ports.files.appendDurably = append;
    await expect(journal.append({ type: 'run.ended', outcome: 'failed' })).rejects.toThrow('no space left');
    expect((await Journal.open(path, ports)).entries).toHaveLength(1);
  });

  it('keeps the order of concurrent appends', async () => {
    const { ports, journal } = await journalWith(0);
    await Promise.all(['a', 'b', 'c'].map((step) => journal.append({ type: 'step.confirmed', step })));
    const again = await Journal.open(path, ports);
    expect(again.entries.map(({ record }) => 'step' in record && record.step)).toEqual(['a', 'b', 'c']);
  });

  it('takes a start for uncertain until it is confirmed or the operator permits another, and a failure changes nothing', async () => {
    const { journal } = await journalWith(0);
    const fault = { code: 'x/y', title: 't', state: 's', remedy: 'r', places: [] };
    await journal.append({ type: 'step.started', step: 'wipe', memory: { serial: 'S1' } });
    await journal.append({ type: 'step.failed', step: 'wipe', fault });
    expect(journal.pastOf('wipe')).toEqual({ uncertain: true, confirmed: false, memory: { serial: 'S1' } });
    await journal.append({ type: 'step.permitted', step: 'wipe', reason: 'disk replaced' });
    expect(journal.pastOf('wipe')).toEqual({ uncertain: false, confirmed: false, memory: { serial: 'S1' } });
    await journal.append({ type: 'step.started', step: 'wipe', memory: { serial: 'S2' } });
    await journal.append({ type: 'step.confirmed', step: 'wipe' });
    expect(journal.pastOf('wipe')).toEqual({ uncertain: false, confirmed: true, memory: { serial: 'S2' } });
    expect(journal.pastOf('other')).toEqual({ uncertain: false, confirmed: false });
  });
});

/** Writers of one directory: whoever came last is the current one. */
function writers() {
  let highest = 0;
  const next = (): JournalWriter => {
    let own = ++highest;
    return {
      fence: () => own,
      isCurrent: async () => own === highest,
      raise: async (atLeast) => {
        own = highest = Math.max(highest, atLeast);
      },
    };
  };
  return next;
}

describe('Journal with several writers', () => {
  it('lets nobody append who was superseded, and the record of the other is the only one', async () => {
    const { ports } = await journalWith(0);
    const next = writers();
    const first = await Journal.open(path, { ...ports, writer: next() });
    await first.append({ type: 'step.started', step: 'install/cp-1' });
    const second = await Journal.open(path, { ...ports, writer: next() });
    await expect(first.append({ type: 'step.started', step: 'bootstrap-etcd' })).rejects.toMatchObject({
      code: 'core/writer-superseded',
      exitCode: 5,
    });
    await second.append({ type: 'step.confirmed', step: 'install/cp-1' });
    await expect(first.append({ type: 'run.ended', outcome: 'done' })).rejects.toThrow();
    const again = await Journal.open(path, { ...ports, writer: next() });
    expect(again.entries.map(({ record, fence }) => [record.type, fence])).toEqual([
      ['step.started', 1],
      ['step.confirmed', 2],
    ]);
  });

  it.each(['before', 'after'] as const)(
    'takes for void what a writer adds that is superseded while it writes, %s the other’s first record',
    async (when) => {
      const { ports } = await journalWith(0);
      const next = writers();
      const stale = await Journal.open(path, { ...ports, writer: next() });
      await stale.append({ type: 'run.started', rack: 'r', command: 'c' });
      const append = ports.files.appendDurably.bind(ports.files);
      let current: Journal | undefined;
      ports.files.appendDurably = async (file, line) => {
        ports.files.appendDurably = append;
        current = await Journal.open(path, { ...ports, writer: next() });
        if (when === 'after') await current.append({ type: 'step.started', step: 'mine' });
        await append(file, line);
        if (when === 'before') await current.append({ type: 'step.started', step: 'mine' });
      };
      await expect(stale.append({ type: 'step.started', step: 'late' })).rejects.toMatchObject({
        code: 'core/writer-superseded',
      });
      await current?.append({ type: 'step.confirmed', step: 'mine' });
      const again = await Journal.open(path, { ...ports, writer: next() });
      expect(again.entries).toEqual(current?.entries);
      expect(again.pastOf('late')).toEqual({ uncertain: false, confirmed: false });
      expect(again.pastOf('mine').confirmed).toBe(true);
      expect(readJournal((await ports.files.readText(path)) ?? '')).toMatchObject({ voided: 1 });
    },
  );

  it('goes on with a higher number when the journal was brought to a directory that knows only lower ones', async () => {
    const { ports } = await journalWith(0);
    const far = { fence: () => 40, isCurrent: async () => true, raise: async () => undefined };
    await (await Journal.open(path, { ...ports, writer: far })).append({ type: 'step.started', step: 'a' });
    const journal = await Journal.open(path, { ...ports, writer: writers()() });
    await journal.append({ type: 'step.confirmed', step: 'a' });
    expect((await Journal.open(path, ports)).entries.map(({ fence }) => fence)).toEqual([40, 41]);
  });

  it('still reads what was written before writers had numbers', async () => {
    const { ports } = await journalWith(0);
    const record = { type: 'step.started', step: 'a' };
    const [seq, at, prev] = [1, '2026-01-01T00:00:00.000Z', '0'.repeat(64)];
    const hash = createHash('sha256')
      .update(JSON.stringify([seq, at, record, prev]))
      .digest('hex');
    await ports.files.appendDurably(path, `${JSON.stringify({ seq, at, record, prev, hash })}\n`);
    const journal = await Journal.open(path, { ...ports, writer: writers()() });
    await journal.append({ type: 'step.confirmed', step: 'a' });
    expect((await Journal.open(path, ports)).pastOf('a')).toEqual({ uncertain: false, confirmed: true });
  });
});

const steps = ['install/cp-1', 'install/cp-2', 'bootstrap-etcd'];
const anyRecord = fc.oneof(
  fc.record({ type: fc.constant('step.started' as const), step: fc.constantFrom(...steps) }),
  fc.record({
    type: fc.constant('step.started' as const),
    step: fc.constantFrom(...steps),
    memory: fc.dictionary(fc.constantFrom('bootMark', 'mac'), fc.string(), { noNullPrototype: true }),
  }),
  fc.record({ type: fc.constant('step.confirmed' as const), step: fc.constantFrom(...steps) }),
  fc.record({ type: fc.constant('step.permitted' as const), step: fc.constantFrom(...steps), reason: fc.string() }),
  fc.record({
    type: fc.constant('step.failed' as const),
    step: fc.constantFrom(...steps),
    fault: fc.constant({ code: 'a/b', title: 't', state: 's', remedy: 'r', places: [] }),
  }),
  fc.record({
    type: fc.constant('plan.approved' as const),
    plan: fc.string(),
    by: fc.constant('flags'),
    disks: fc.dictionary(fc.constantFrom('cp-1', 'cp-2'), fc.string(), { noNullPrototype: true }),
    found: fc.constant({}),
    settings: fc.dictionary(fc.constant('talos.version'), fc.string(), { noNullPrototype: true }),
  }),
  fc.record({ type: fc.constant('run.ended' as const), outcome: fc.string() }),
);

/** What is asked of a journal, besides the pasts of its steps. */
const approvals = (journal: Journal) => {
  const disks = new Map<string, string>();
  let settings: unknown;
  for (const { record } of journal.entries) {
    if (record.type !== 'plan.approved') continue;
    for (const [machine, disk] of Object.entries(record.disks)) disks.set(machine, disk);
    settings = record.settings;
  }
  return { disks, settings };
};

describe('a compacted journal', () => {
  it('knows the same as before, whatever was in it, however often it is compacted, and goes on', async () => {
    const property = fc.asyncProperty(fc.array(anyRecord), fc.array(anyRecord), async (before, after) => {
      const ports = { files: new MemoryFiles(), clock: new VirtualClock() };
      const journal = await Journal.open(path, ports);
      const plain = await Journal.open('/state/plain.jsonl', ports);
      for (const records of [before, after] as JournalRecord[][]) {
        for (const record of records) {
          await journal.append(record);
          await plain.append(record);
        }
        await journal.compact(ports.files);
        const again = await Journal.open(path, ports);
        expect(again.entries).toEqual(journal.entries);
        for (const one of [journal, again]) {
          for (const step of steps) expect(one.pastOf(step)).toEqual(plain.pastOf(step));
          expect(approvals(one)).toEqual(approvals(plain));
        }
      }
    });
    await fc.assert(property, { numRuns: 60 });
  });

  it('names the last entry that it replaces, which the file beside it still ends with', async () => {
    const { ports, journal } = await journalWith(0);
    for (let at = 0; at < 9; at++) await journal.append({ type: 'run.ended', outcome: `run ${at}` });
    await journal.append({ type: 'step.started', step: 'a' });
    const last = journal.entries.at(-1);
    const archive = await journal.compact(ports.files);
    expect(archive).toBe('/state/journal-until-10.jsonl');
    const old = readJournal((await ports.files.readText(archive ?? '')) ?? '');
    expect(old.broken).toBeUndefined();
    expect(old.entries.at(-1)).toEqual(last);
    const lines = ((await ports.files.readText(path)) ?? '').trimEnd().split('\n');
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      seq: 11,
      prev: last?.hash,
      record: { replaces: { entries: 10, hash: last?.hash }, kept: [{ record: { step: 'a' } }] },
    });
  });

  it('is broken when somebody changes what it kept, or puts it behind another past', async () => {
    const { ports, journal } = await journalWith(2);
    for (let at = 0; at < 5; at++) await journal.append({ type: 'run.ended', outcome: `run ${at}` });
    await journal.compact(ports.files);
    const text = (await ports.files.readText(path)) ?? '';
    expect(readJournal(text).broken).toBeUndefined();
    expect(readJournal(text.replace('step-1', 'step-9')).broken).toMatchObject({ line: 1 });
    const { ports: other } = await journalWith(1);
    const foreign = `${(await other.files.readText(path)) ?? ''}${text}`;
    expect(readJournal(foreign).broken).toMatchObject({ line: 2 });
  });
});
