import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../firmware/run-command.ts';
import { RunningProgram } from '../firmware/running-program.ts';
import type { DhcpProgramOptions } from './dhcp-server-program.ts';

export const serverAddress = '10.101.0.1';
export const otherServerAddress = '10.101.0.2';
const upperAddress = '10.101.0.3';
export const relayAddress = '10.101.7.1';

/** Hosts, each a network namespace: our server, a client and another server on one bridge, and a client behind a relay. */
type Host = 'srv' | 'cli' | 'oth' | 'rel' | 'far';

export interface PrintedLine {
  readonly type: string;
  readonly [key: string]: unknown;
}

/**
 * Two networks in network namespaces. 10.101.0.0/24 has the server, a client, another DHCP server and a relay;
 * 10.101.7.0/24 has the other side of the relay and a far client.
 */
export class DhcpLab {
  readonly #prefix: string;
  readonly #hosts: Host[] = [];
  readonly #programs: RunningProgram[] = [];
  directory = '';

  constructor(name: string) {
    this.#prefix = `f-${process.pid}-${name}`;
  }

  async open(): Promise<void> {
    this.directory = await mkdtemp(join(tmpdir(), 'rackwright-dhcp-'));
    for (const host of ['srv', 'cli', 'oth', 'rel', 'far'] as const) {
      await runCommand('ip', ['netns', 'add', this.#name(host)]);
      this.#hosts.push(host);
      await this.ip(host, 'link set lo up');
    }
    await this.ip('srv', 'link add br0 type bridge');
    await this.ip('srv', `address add ${serverAddress}/24 dev br0`);
    await this.ip('srv', 'link set br0 up');
    for (const [host, link, address] of [
      ['cli', 'eth0', undefined],
      ['oth', 'eth0', otherServerAddress],
      ['rel', 'up0', upperAddress],
    ] as const) {
      await this.ip('srv', `link add to-${host} type veth peer name ${link} netns ${this.#name(host)}`);
      await this.ip('srv', `link set to-${host} master br0 up`);
      if (address !== undefined) await this.ip(host, `address add ${address}/24 dev ${link}`);
      await this.ip(host, `link set ${link} up`);
    }
    await this.ip('rel', `link add down0 type veth peer name eth0 netns ${this.#name('far')}`);
    await this.ip('rel', `address add ${relayAddress}/24 dev down0`);
    await this.ip('rel', 'link set down0 up');
    await this.ip('far', 'link set eth0 up');
    await this.run('rel', 'sysctl', ['-qw', 'net.ipv4.ip_forward=1']);
    await this.ip('srv', `route add 10.101.7.0/24 via ${upperAddress}`);
  }

  async close(): Promise<void> {
    await Promise.all(this.#programs.map((program) => program.stop()));
    for (const host of this.#hosts.splice(0)) await runCommand('ip', ['netns', 'delete', this.#name(host)]);
    await rm(this.directory, { recursive: true, force: true });
  }

  ip(host: Host, command: string): Promise<string> {
    return runCommand('ip', ['-n', this.#name(host), ...command.split(' ')]);
  }

  run(host: Host, program: string, args: readonly string[]): Promise<string> {
    return runCommand('ip', ['netns', 'exec', this.#name(host), program, ...args]);
  }

  /** The kernel ends the program should the test be killed. */
  start(host: Host, program: string, args: readonly string[]): RunningProgram {
    const inside = ['ip', 'netns', 'exec', this.#name(host), program, ...args];
    const running = new RunningProgram('setpriv', ['--pdeathsig', 'KILL', ...inside]);
    this.#programs.push(running);
    return running;
  }

  /** Our server, as soon as it listens or says why it does not. */
  async startServer(options: Partial<DhcpProgramOptions> & Pick<DhcpProgramOptions, 'mode'>): Promise<RunningProgram> {
    const program = join(import.meta.dirname, 'dhcp-server-program.ts');
    const all = { serverAddress, networks: [], path: join(this.directory, 'leases'), besideOthers: true, ...options };
    const server = this.start('srv', process.execPath, [program, JSON.stringify(all)]);
    await untilLine(server, 'our server listens', ({ type }) => type === 'listening' || type === 'fault');
    return server;
  }

  #name(host: Host): string {
    return `${this.#prefix}-${host}`;
  }
}

/** The JSON lines that a program has printed. */
export function linesOf(printed: string): PrintedLine[] {
  return printed
    .split('\n')
    .slice(0, -1)
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as PrintedLine);
}

/** The first line that fits, as soon as it is printed. */
export function untilLine(
  program: RunningProgram,
  what: string,
  fits: (line: PrintedLine) => boolean,
): Promise<PrintedLine> {
  return program.until(what, 30_000, (printed) => linesOf(printed).find(fits));
}
