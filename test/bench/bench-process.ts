import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';

const running = new Set<ChildProcess>();
const programs = new Map<string, boolean>();

export function isInstalled(program: string): boolean {
  const known = programs.get(program);
  if (known !== undefined) return known;
  const path = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
  const found = path.split(':').some((folder) => {
    try {
      execFileSync('test', ['-x', `${folder}/${program}`]);
      return true;
    } catch {
      return false;
    }
  });
  programs.set(program, found);
  return found;
}

/**
 * Both ends on one core: woken across cores, a lock-step transfer measures the machine's interrupts and not the server.
 * With real-time scheduling, where root allows it, a neighbour on that core does not get in between.
 */
const core = '1';
const isRealTime = process.getuid?.() === 0 && isInstalled('chrt') && process.env['BENCH_REALTIME'] !== 'no';

export const schedulingText = `core ${core} for both ends${isRealTime ? ', real-time scheduling' : ''}`;

export interface Server {
  readonly pid: number;
  /** Seconds of processor time so far, with that of children that ended. */
  cpuSeconds(): number;
  stop(): Promise<void>;
}

/** Starts a server on the core of the bench; ready when it prints `ready`, or after a while when that is not given. */
export async function startServer(
  command: readonly string[],
  options: {
    readonly ready?: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly namespace?: string;
  } = {},
): Promise<Server> {
  const inside = options.namespace === undefined ? [] : ['ip', 'netns', 'exec', options.namespace];
  const [program = '', ...args] = [...inside, 'taskset', '-c', core, ...command];
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`, ...options.env },
  });
  running.add(child);
  const over = once(child, 'close');
  let printed = '';
  const ready = Promise.withResolvers<undefined>();
  const hear = (chunk: Buffer) => {
    printed += chunk.toString();
    if (options.ready !== undefined && printed.includes(options.ready)) ready.resolve(undefined);
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  child.once('error', (error) => ready.reject(error));
  child.once('close', () => ready.reject(new Error(`${command[0] ?? ''} ended: ${printed.slice(-500)}`)));
  if (options.ready === undefined) setTimeout(() => ready.resolve(undefined), 700);
  await ready.promise;
  ready.promise.catch(() => undefined);
  const pid = child.pid ?? 0;
  if (isRealTime) execFileSync('chrt', ['-a', '-r', '-p', '10', String(pid)]);
  return {
    pid,
    cpuSeconds: () => {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ')
        .map(Number);
      return fields.slice(11, 15).reduce((all, one) => all + one, 0) / 100;
    },
    stop: async () => {
      child.kill();
      const force = setTimeout(() => child.kill('SIGKILL'), 3000);
      await over;
      clearTimeout(force);
      running.delete(child);
    },
  };
}

/** Runs a load client to its end and gives its line of JSON. */
export async function load<T>(program: string, args: readonly (string | number)[], namespace?: string): Promise<T> {
  const inside = namespace === undefined ? [] : ['ip', 'netns', 'exec', namespace];
  const realTime = isRealTime ? ['chrt', '-r', '10'] : [];
  const [first = '', ...rest] = [...inside, ...realTime, 'taskset', '-c', core, program, ...args.map(String)];
  const child = spawn(first, rest, { stdio: ['ignore', 'pipe', 'ignore'] });
  running.add(child);
  let printed = '';
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  await once(child, 'close');
  running.delete(child);
  return JSON.parse(printed) as T;
}

export function killAll(): void {
  for (const child of running) child.kill('SIGKILL');
}

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? Number.NaN;
