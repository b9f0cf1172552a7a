import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { nodeClock } from '../../bin/platform/node-clock.ts';
import { nodeRandom } from '../../bin/platform/node-random.ts';
import { createAdminKeys, createAuthority } from '../../talos/index.ts';
import { opensslPem } from '../../talos/private-key.ts';
import { buildGo } from '../peers/build-go.ts';

/**
 * Ours beside Talos' own Go code, for the same work: what talosctl gen config and gen secrets do, and clients of one
 * server, which is a third process. Each measurement is a process, rounds are interleaved, ratios are medians over the
 * rounds. Prints a table; judges nothing.
 */
const contract = 'v1.13';
const rounds = 3;
const measurements = [
  { what: 'configs', count: 1000, title: 'configs of 1,000 machines' },
  { what: 'certificates', count: 1000, title: '1,000 client certificates' },
  { what: 'secrets', count: 2, title: '2 times all secrets (RSA 4096)' },
  { what: 'clients', count: 1000, title: '1,000 mTLS clients at once' },
] as const;

interface Measured {
  readonly seconds: number;
  readonly megaBytes: number;
}

const measurer = new URL(`./talos-measurement.${import.meta.filename.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url);
const running = new Set<ChildProcess>();

/** The first line of what a program says to one request. */
async function ask(command: readonly [string, ...string[]], request: object): Promise<unknown> {
  const [program, ...args] = command;
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  running.add(child);
  child.once('exit', () => running.delete(child));
  child.stdin.end(JSON.stringify(request));
  for await (const line of createInterface(child.stdout)) return JSON.parse(line);
  throw new Error(`${program} said nothing`);
}

const ours = (request: object) => ask([process.execPath, measurer.pathname], { contract, ...request });

async function theirs(oracle: string | undefined, bench: object): Promise<Measured | undefined> {
  if (oracle === undefined) return undefined;
  const answer = (await ask([oracle], { contract, bench })) as { bench: Measured };
  return answer.bench;
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;
const show = (value: number | undefined, digits: number) => (value === undefined ? '-' : value.toFixed(digits));

async function main(): Promise<void> {
  const oracle = await buildGo('pki-oracle').catch((reason: unknown) => {
    console.log(`Left out: Talos' own Go code, which does not build here (${String(reason).split('\n')[0] ?? ''}).`);
    return undefined;
  });
  const ports = { clock: nodeClock, random: nodeRandom };
  const authority = await createAuthority({ kind: 'ed25519', organization: 'talos' }, ports);
  const keys = await createAdminKeys({ osCa: authority }, ports);
  const { port } = (await ours({ what: 'server', count: 0, authority })) as { port: number };
  const access = { endpoint: `127.0.0.1:${port}`, ca: keys.ca, cert: keys.cert, key: opensslPem(keys.key) };

  const results = measurements.map((one) => ({ ...one, ours: [] as Measured[], theirs: [] as Measured[] }));
  for (let round = 0; round < rounds; round += 1) {
    for (const { what, count, ours: mine, theirs: other } of results) {
      mine.push((await ours({ what, count, port, keys })) as Measured);
      const measured = await theirs(oracle, { what, count, ...access });
      if (measured !== undefined) other.push(measured);
    }
  }

  const cells = results.map(({ title, count, ours: mine, theirs: other }) => {
    const ratios = other.flatMap(({ seconds }, at) => (mine[at] === undefined ? [] : [mine[at].seconds / seconds]));
    const time = median(mine.map(({ seconds }) => seconds));
    const isCompared = other.length > 0;
    return [
      title,
      show(time, 2),
      show(count / time, count < 10 ? 1 : 0),
      show(isCompared ? median(other.map(({ seconds }) => seconds)) : undefined, 2),
      show(isCompared ? median(ratios) : undefined, 2),
      show(median(mine.map(({ megaBytes }) => megaBytes)), 0),
      show(isCompared ? median(other.map(({ megaBytes }) => megaBytes)) : undefined, 0),
    ];
  });
  const head = ['', 'ours s', 'ours /s', 'Go s', 'time ours/Go', 'ours MB', 'Go MB'];
  for (const row of [head, ...cells]) {
    console.log(row.map((cell, at) => (at === 0 ? cell.padEnd(32) : cell.padStart(13))).join(''));
  }
  console.log(`Medians of ${rounds} rounds, contract ${contract}; MB is the peak of resident memory of the process.`);
}

try {
  await main();
} finally {
  for (const child of running) child.kill();
}
