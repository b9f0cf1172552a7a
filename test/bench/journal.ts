import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeClock } from '../../bin/platform/node-clock.ts';
import { nodeFiles } from '../../bin/platform/node-files.ts';
import { Journal } from '../../core/journal.ts';
import { firstHash, type JournalRecord, sealEntry } from '../../core/journal-entry.ts';

/** `npm run bench:journal`: how long a journal of 1,000 machines with 200 records each takes to be read, and to be asked. */
const machines = 1000;
const recordsEach = 200;
const goalMillis = 2000;

const folder = await mkdtemp(join(tmpdir(), 'rackwright-journal-'));
try {
  const path = join(folder, 'journal.jsonl');
  const text = journalText();
  await writeFile(path, text);
  const readings: number[] = [];
  let journal: Journal | undefined;
  for (let run = 0; run < 5; run++) {
    const begun = performance.now();
    journal = await Journal.open(path, { files: nodeFiles, clock: nodeClock });
    readings.push(performance.now() - begun);
  }
  if (journal === undefined) throw new Error('nothing was read');
  const begun = performance.now();
  let uncertain = 0;
  for (let at = 0; at < machines * 100; at++) if (journal.pastOf(stepOf(at % machines)).uncertain) uncertain += 1;
  const asking = ((performance.now() - begun) * 1e6) / (machines * 100);
  const beforeCompaction = journal.entries.length;
  const compacting = performance.now();
  await journal.compact(nodeFiles);
  const compaction = performance.now() - compacting;

  const middle = readings.toSorted((a, b) => a - b)[2] ?? 0;
  const verdict = middle < goalMillis ? 'met' : 'missed';
  console.log(`entries           ${beforeCompaction}, ${(text.length / 1e6).toFixed(1)} MB`);
  console.log(`replay            ${readings.map((ms) => ms.toFixed(0)).join(', ')} ms; median ${middle.toFixed(0)} ms`);
  console.log(`goal              under ${goalMillis} ms: ${verdict}`);
  console.log(`asking one step   ${asking.toFixed(0)} ns (${uncertain} uncertain)`);
  console.log(`compaction        ${compaction.toFixed(0)} ms, to ${journal.entries.length} entries`);
  if (verdict === 'missed') process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}

function stepOf(machine: number): string {
  return `install/node-${machine}`;
}

function journalText(): string {
  const lines: string[] = [];
  let prev = firstHash;
  for (let seq = 1; seq <= machines * recordsEach; seq++) {
    const step = stepOf(seq % machines);
    const memory = { bootMark: '2026-01-01T00:00:00Z', disk: 'serial S64HNE0T500110', mac: '3c:ec:ef:77:01:10' };
    const record: JournalRecord =
      Math.floor(seq / machines) % 2 === 0 ? { type: 'step.started', step, memory } : { type: 'step.confirmed', step };
    const entry = sealEntry({ seq, at: '2026-01-01T00:00:00.000Z', record, prev, fence: 1 });
    prev = entry.hash;
    lines.push(JSON.stringify(entry));
  }
  return `${lines.join('\n')}\n`;
}
