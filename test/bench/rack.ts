import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { RackMeasurement } from './rack-measurement.ts';

/**
 * `rackwright up` on simulated racks of growing size, the command and the whole rack in one process each: `rack.js [SIZE…]`.
 * Prints a table; judges nothing but whether every machine was installed, once, within the limit.
 */
const run = promisify(execFile);
const sizes = process.argv.slice(2).map(Number);
/** The pace of the demo: about ten times that of real machines. */
const speed = 1;
/** For one rack, on a computer with nothing else to do several times what it takes. */
const limitSeconds = 2400;
const measurements: RackMeasurement[] = [];
for (const size of sizes.length === 0 ? [10, 100, 1000] : sizes) {
  const program = new URL('./rack-measurement.js', import.meta.url).pathname;
  const parallel = Math.max(20, Math.ceil(size / 5));
  // A thousand machines and their installer in one heap: Node's own limit is for one program.
  const heap = '--max-old-space-size=12288';
  const { stdout } = await run(process.execPath, [heap, program, ...[size, speed, parallel, limitSeconds].map(String)]);
  const measured = JSON.parse(stdout) as RackMeasurement;
  measurements.push(measured);
  if (measured.exitCode === 0 && measured.written === size && measured.mostWrites === 1) continue;
  process.exitCode = 1;
  const { exitCode, fault, missing, waiting, written, mostWrites } = measured;
  const end = exitCode === null ? `not complete after ${limitSeconds} s` : `exit ${exitCode}, ${fault ?? 'no fault'}`;
  console.log(
    `${size} machines: ${end}; ${missing} not installed, ${written} disks written, at most ${mostWrites} times.`,
  );
  for (const line of waiting) console.log(`  ${line}`);
}

const megabytes = (bytes: number) => (bytes / 1e6).toFixed(0);
const rows: readonly (readonly [string, (measured: RackMeasurement) => string])[] = [
  ['found, checked and planned after, s', ({ planned }) => planned?.toFixed(1) ?? 'never'],
  ['all installed after, s', ({ installed }) => installed?.toFixed(1) ?? 'never'],
  ['handed off to Flux after, s', ({ whole }) => whole.toFixed(1)],
  ['which for the machines took, s', ({ lived }) => lived.toFixed(1)],
  ['processor time, s', ({ cpu }) => cpu.toFixed(1)],
  ['of it for each machine, s', ({ cpu, machines }) => (cpu / machines).toFixed(2)],
  ['peak of resident memory, MB', ({ rssBytes }) => megabytes(rssBytes)],
  ['peak of the heap, MB', ({ heapBytes }) => megabytes(heapBytes)],
  ['event loop late by, mean, ms', ({ delay }) => delay.mean.toFixed(1)],
  ['event loop late by, 99th percentile, ms', ({ delay }) => delay.p99.toFixed(0)],
  ['event loop late by, at most, ms', ({ delay }) => delay.max.toFixed(0)],
  ['events', ({ events }) => String(events)],
];
console.log(['', ...measurements.map(({ machines }) => `${machines} machines`)].map(pad).join(''));
for (const [what, show] of rows) console.log([what, ...measurements.map(show)].map(pad).join(''));
console.log('The command and the simulated machines, with the TLS of both sides, share one thread.');

function pad(cell: string, at: number): string {
  return at === 0 ? cell.padEnd(42) : cell.padStart(16);
}
