import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { PassThrough } from 'node:stream';
import { stringify } from 'yaml';
import { nodeWorld } from '../../bin/node-world.ts';
import { runCli } from '../../bin/run-cli.ts';
import type { StampedEvent } from '../../core/event.ts';
import { scaledClock } from '../lab/scaled-clock.ts';
import { startRack } from '../lab/sim-rack.ts';
import { largeRack } from './rack-scenario.ts';

/**
 * `rackwright up` on one simulated rack, both in this process, whose memory and event loop are measured: the arguments
 * are the number of machines, the speed of their clock, and how many are installed at once; prints JSON. The command is the real one: only its clock
 * runs at the pace of the rack.
 */
export interface RackMeasurement {
  readonly machines: number;
  readonly exitCode: number;
  /** Of the last event, when it failed. */
  readonly fault?: string;
  /** Seconds from the command until every machine was found and checked, until all were installed, until the end. */
  readonly planned: number;
  readonly installed: number;
  readonly whole: number;
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

const [machines = 10, speed = 1, parallel = 20] = process.argv.slice(2).map(Number);
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
const rack = await startRack(scenario);

const resolution = 10;
const late = monitorEventLoopDelay({ resolution });
let heapBytes = 0;
const sampling = setInterval(() => (heapBytes = Math.max(heapBytes, process.memoryUsage().heapUsed)), 100);
const begun = performance.now();
const sinceBegun = () => (performance.now() - begun) / 1000;
let events = 0;
let planned = Number.NaN;
let installed = Number.NaN;
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
  if (event.type === 'step.done' && event.step.startsWith('install/') && --left === 0) installed = sinceBegun();
}

late.enable();
rack.powerOn();
// On a clock that runs so fast a busy computer looks like a slow network.
const override = ['--override', 'network-between=the clock of a simulated rack runs fast'];
const exitCode = await runCli(['up', 'rack.yaml', '--yes', '-o', 'json', '--parallel', String(parallel), ...override], {
  ...nodeWorld,
  clock: scaledClock(nodeWorld.clock, speed),
  env: { HOME: folder },
  workingDirectory: folder,
  out,
});
const whole = sinceBegun();
late.disable();
clearInterval(sampling);
const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
const writes = [...rack.statistics().machines.values()].flatMap(({ wipes }) => [...wipes.values()]);
const measured: RackMeasurement = {
  machines,
  exitCode,
  ...(last?.type === 'run.finished' && last.fault !== undefined ? { fault: last.fault.title } : {}),
  planned,
  installed,
  whole,
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
await rack.close();
await rm(folder, { recursive: true, force: true });
console.log(JSON.stringify(measured));
process.exit(0);
