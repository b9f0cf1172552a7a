import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Server, startServer } from './bench-process.ts';
import { BootReport } from './boot-report.ts';
import type { BenchServer } from './boot-server.ts';

const here = new URL('.', import.meta.url).pathname;
const sources = join(here.replace(/\/dist\/test\//, '/test/'), 'load');

/** The program of our boot server. */
export const bootServer = join(here, `boot-server.${import.meta.filename.endsWith('.ts') ? 'ts' : 'js'}`);

/** What the benches of the boot server share: a directory, the report, and what is put away at the end. */
export class BootBench {
  readonly directory: string;
  readonly rounds: number;
  readonly report = new BootReport();
  readonly #cleanUp: (() => Promise<void> | void)[] = [];

  private constructor(directory: string, rounds: number) {
    this.directory = directory;
    this.rounds = rounds;
    this.atEnd(() => rm(directory, { recursive: true, force: true }));
  }

  static async open(rounds: number): Promise<BootBench> {
    return new BootBench(await mkdtemp(join(tmpdir(), 'rackwright-bench-')), rounds);
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  atEnd(clean: () => Promise<void> | void): void {
    this.#cleanUp.push(clean);
  }

  /** A load client, built from its source. */
  compile(name: string): string {
    execFileSync('cc', ['-O2', '-Wall', '-o', this.path(name), join(sources, `${name}.c`)]);
    return this.path(name);
  }

  async start(...server: Parameters<typeof startServer>): Promise<Server> {
    const started = await startServer(...server);
    this.atEnd(() => started.stop());
    return started;
  }

  /** `native: false` is how it runs where koffi is not installed. */
  startOurs(config: BenchServer, more: { native?: boolean; namespace?: string } = {}): Promise<Server> {
    return this.start([process.execPath, bootServer, JSON.stringify(config)], {
      ready: 'ready',
      env: { RACKWRIGHT_NATIVE_SOCKETS: more.native === false ? 'no' : 'yes' },
      ...(more.namespace === undefined ? {} : { namespace: more.namespace }),
    });
  }

  async close(): Promise<void> {
    for (const clean of this.#cleanUp.reverse()) await Promise.resolve(clean()).catch(() => undefined);
  }
}

/** Our server for file transfers on loopback. */
export const onLoopback = (tftp: number, http: number, file: string): BenchServer => ({
  address: '127.0.0.1',
  interface: 'lo',
  ports: { dhcp: 0, proxyDhcp: 0, tftp, http },
  file,
});
