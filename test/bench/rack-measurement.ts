import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { PassThrough } from 'node:stream';
import { stringify } from 'yaml';
import { nodeWorld } from '../../bin/node-world.ts';
import { runCli } from '../../bin/run-cli.ts';
import type { StampedEvent } from '../../core/event.ts';
import { shareTime } from '../lab/shared-time.ts';
import { startRack } from '../lab/sim-rack.ts';
import { largeRack } from './rack-scenario.ts';

/**
 * `rackwright up` on one simulated rack, both in this process, whose memory and event loop are measured: the arguments
 * are the number of machines, how fast their time may go, and how many are installed at once; prints JSON. The command is
 * the real one: only its clock is the one of the rack, which goes slower when this process cannot keep up with it. The
 * fourth argument is a limit in seconds: what is reached by then is printed, and what is missing.
 */
export interface RackMeasurement {
  readonly machines: number;
  /** `null`: the limit came first. */
  readonly exitCode: number | null;
  /** Of the last event, when it failed. */
  readonly fault?: string;
  /** Machines that were not installed, and what some of them were waiting for. */
  readonly missing: number;
  readonly waiting: readonly string[];
  /** Seconds from the command until every machine was found and checked, until all were installed, until the end. */
  readonly planned: number | null;
  readonly installed: number | null;
  readonly whole: number;
  /** Seconds that passed for the machines meanwhile. */
  readonly lived: number;
  /** CPU seconds of the process: command and simulated rack. */
  readonly cpu: number;
  readonly rssBytes: number;
  readonly heapBytes: number;
  /** Milliseconds by which the event loop was late. */
  readonly delay: { readonly mean: number; readonly p99: number; readonly max: number };
  readonly events: number;
  /** Disks that were written, and how often at most one of them. */
  readonly written: number;
  readonly mostWrites: number;
}

const [machines = 10, speed = 1, parallel = 20, limitSeconds = 1800] = process.argv.slice(2).map(Number);
const bootServer = { address: '127.0.0.1', dhcpPort: 20_106, proxyDhcpPort: 21_106, tftpPort: 22_106 };
const folder = await mkdtemp(join(tmpdir(), 'rackwright-bench-'));
const { scenario, rackFile } = largeRack({
  machines,
  speed,
  bootServer,
  httpPort: 23_106,
  ukiPath: 'talos.efi',
  fluxManifestPath: resolve('test/lab/flux-install.yaml'),
});
await writeFile(join(folder, 'talos.efi'), Buffer.alloc(400_000, 'UKI'));
await writeFile(join(folder, 'rack.yaml'), stringify(rackFile));
const time = shareTime({ speed });
const rack = await startRack(scenario, time.clock);

const resolution = 10;
const late = monitorEventLoopDelay({ resolution });
let heapBytes = 0;
const sampling = setInterval(() => (heapBytes = Math.max(heapBytes, process.memoryUsage().heapUsed)), 1000);
const begun = performance.now();
const sinceBegun = () => (performance.now() - begun) / 1000;
let events = 0;
let planned: number | null = null;
let installed: number | null = null;
const reasons = new Map<string, string>();
let left = machines;
let last: StampedEvent | undefined;

const out = new PassThrough();
let rest = '';
out.setEncoding('utf8').on('data', (chunk: string) => {
  const lines = (rest + chunk).split('\n');
  rest = lines.pop() ?? '';
  for (const line of lines) note(JSON.parse(line) as StampedEvent);
});

function note(event: StampedEvent): void {
  events += 1;
  last = event;
  if (event.type === 'plan.proposed') planned = sinceBegun();
  if (event.type === 'step.waiting') reasons.set(event.step, event.reason);
  if (event.type !== 'step.done') return;
  reasons.delete(event.step);
  if (event.step.startsWith('install/') && --left === 0) installed = sinceBegun();
}

const limit = setTimeout(() => {
  report(null);
  process.exit(0);
}, limitSeconds * 1000);
late.enable();
rack.powerOn();
const exitCode = await runCli(['up', 'rack.yaml', '--yes', '-o', 'json', '--parallel', String(parallel)], {
  ...nodeWorld,
  host: { ...nodeWorld.host, isClockSynchronized: async () => true },
  clock: time.clock,
  env: { HOME: folder },
  workingDirectory: folder,
  out,
});
report(exitCode);
await rack.close();
await time.close();
await rm(folder, { recursive: true, force: true });
process.exit(0);

function report(exit: number | null): void {
  clearTimeout(limit);
  late.disable();
  clearInterval(sampling);
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  const writes = [...rack.statistics().machines.values()].flatMap(({ wipes }) => [...wipes.values()]);
  const measured: RackMeasurement = {
    machines,
    exitCode: exit,
    ...(last?.type === 'run.finished' && last.fault !== undefined ? { fault: last.fault.title } : {}),
    missing: left,
    waiting: [...reasons].slice(0, 3).map(([step, reason]) => `${step}: ${reason}`),
    planned,
    installed,
    whole: sinceBegun(),
    lived: time.clock.monotonic() / 1000,
    cpu: (userCPUTime + systemCPUTime) / 1e6,
    rssBytes: maxRSS * 1024,
    heapBytes,
    // The timer itself comes each `resolution`, which is in what it measures.
    delay: {
      mean: Math.max(0, late.mean / 1e6 - resolution),
      p99: Math.max(0, late.percentile(99) / 1e6 - resolution),
      max: Math.max(0, late.max / 1e6 - resolution),
    },
    events,
    written: writes.filter((count) => count > 0).length,
    mostWrites: Math.max(...writes),
  };
  console.log(JSON.stringify(measured));
}
