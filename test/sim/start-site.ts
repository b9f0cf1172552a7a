import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import type { StampedEvent } from '../../core/event.ts';
import { demoScenario } from '../lab/demo-rack.ts';
import { renderDemoRackFile } from '../lab/render-demo-rack-file.ts';
import type { RackScenario } from '../lab/scenario.ts';
import { shareTime } from '../lab/shared-time.ts';
import { type SimRack, startRack } from '../lab/sim-rack.ts';

export interface SiteRun {
  /** `null` when a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly events: readonly StampedEvent[];
  readonly err: string;
}

export interface Site {
  readonly rack: SimRack;
  readonly folder: string;
  readonly ports: { readonly dhcp: number; readonly proxyDhcp: number; readonly tftp: number; readonly http: number };
  /** Runs `up` on this rack in a process of its own, with JSON events. */
  up(flags?: readonly string[], more?: RunWishes): Promise<SiteRun>;
  /** Runs another command in the same way; `-o json` is added. */
  run(argv: readonly string[], more?: RunWishes): Promise<SiteRun>;
  file(name: string): Promise<{ text: string; mode: number }>;
  journal(): Promise<readonly { record: { type: string; step?: string } }[]>;
  changeFile(change: (rackFile: string) => string): Promise<void>;
  close(): Promise<void>;
}

interface RunWishes {
  /** SIGKILL when this process has written so many records of its journal. */
  readonly killAfter?: number;
  /** Only records are counted of a kind and step that the journal did not hold before. */
  readonly countsNews?: true;
  /** `kill`: SIGKILL. */
  readonly onEvent?: (event: StampedEvent, interrupt: () => void, kill: () => void) => void;
  /** For a command that has no events to tell: nothing is added to it. */
  readonly isPlain?: true;
}

/** The same program is started hundreds of times: a quarter of its start is compiling it. */
const compiled = join(tmpdir(), 'rackwright-compiled');
const program = resolve('dist/test/sim/rackwright-in-lab.js');

/** A simulated rack that is switched on, a folder with its rack file, and an operator who can run the command on it. */
export async function startSite(options: {
  /**
   * Racks that run at the same time need different ones, in whatever file they are: 1 to 45 and 200 are kill-anywhere's,
   * 101 to 129 those of faults, 130 to 173 of the others, 174 to 185 of kill-matrix, from 190 on of fault-schedules.
   */
  readonly number: number;
  /** How many times as fast as ours its time goes, on a computer that keeps up. */
  readonly speed: number;
  readonly change?: (scenario: RackScenario) => RackScenario;
  readonly changeFile?: (rackFile: string) => string;
}): Promise<Site> {
  const { number, speed, change = (same: RackScenario) => same, changeFile = (same: string) => same } = options;
  const folder = await mkdtemp(join(tmpdir(), 'rackwright-site-'));
  await writeFile(join(folder, 'talos.efi'), Buffer.alloc(400_000, 'UKI'));
  const ports = { dhcp: 20_000 + number, proxyDhcp: 21_000 + number, tftp: 22_000 + number, http: 23_000 + number };
  const fluxManifestPath = resolve('test/lab/flux-install.yaml');
  const rackFile = renderDemoRackFile({ ukiPath: 'talos.efi', fluxManifestPath, ports });
  await writeFile(join(folder, 'rack.yaml'), changeFile(inSubnet(number, rackFile)));
  const bootServer = {
    address: '127.0.0.1',
    dhcpPort: ports.dhcp,
    proxyDhcpPort: ports.proxyDhcp,
    tftpPort: ports.tftp,
  };
  const { machines, lan, ...rest } = demoScenario({ bootServer, speed, seed: number });
  const scenario = change({
    ...rest,
    lan: { ...lan, dhcpServer: inSubnet(number, lan.dhcpServer) },
    machines: machines.map((machine) => ({ ...machine, leasedAddress: inSubnet(number, machine.leasedAddress) })),
  });
  const time = shareTime({ speed });
  const rack = await startRack(scenario, time.clock).catch(async (reason: unknown) => {
    await time.close();
    throw reason;
  });
  rack.powerOn();

  const site: Site = {
    rack,
    folder,
    ports,
    up: (flags = ['--yes', '--confirm', 'demo'], more = {}) => site.run(['up', 'rack.yaml', ...flags], more),
    async run(argv, { killAfter, countsNews, onEvent, isPlain } = {}) {
      const kill = killAfter === undefined ? [] : ['--kill-after', String(killAfter)];
      if (countsNews) kill.push('--news-only');
      const more = isPlain ? [] : ['-o', 'json'];
      const child = spawn(process.execPath, [program, ...kill, '--', ...argv, ...more], {
        cwd: folder,
        env: { PATH: process.env['PATH'], HOME: folder, NODE_COMPILE_CACHE: compiled },
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      });
      time.join(child);
      const { stdout, stderr } = child;
      if (stdout === null || stderr === null) throw new Error('its output is not piped');
      const events: StampedEvent[] = [];
      let rest = '';
      stdout.setEncoding('utf8').on('data', (chunk: string) => {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        for (const line of isPlain ? [] : lines) {
          const event = JSON.parse(line) as StampedEvent;
          events.push(event);
          onEvent?.(
            event,
            () => child.kill('SIGINT'),
            () => child.kill('SIGKILL'),
          );
        }
      });
      const err = text(stderr);
      const [exitCode, signal] = (await once(child, 'close')) as [number | null, string | null];
      return { exitCode, signal, events, err: await err };
    },
    async file(name) {
      const path = join(folder, name);
      return { text: await readFile(path, 'utf8'), mode: (await stat(path)).mode & 0o777 };
    },
    async journal() {
      const path = join(folder, '.local/state/rackwright/demo/journal.jsonl');
      const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
      return lines.map((line) => JSON.parse(line) as { record: { type: string; step?: string } });
    },
    async changeFile(change) {
      const path = join(folder, 'rack.yaml');
      await writeFile(path, change(await readFile(path, 'utf8')));
    },
    async close() {
      await rack.close();
      await time.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return site;
}

/** The demo's addresses, moved to where this site's rack has loopback to itself. */
const inSubnet = (number: number, text: string) => text.replaceAll('127.77.', `127.${number}.`);
