import { describe, expect, it } from 'vitest';
import { MemoryFiles } from '../test/fakes/memory-files.ts';
import { VirtualClock } from '../test/fakes/virtual-clock.ts';
import { Journal } from './journal.ts';

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
