import { execFileSync } from 'node:child_process';
import { isInstalled, load, type Server } from './bench-process.ts';
import type { BootBench } from './boot-bench.ts';

export interface TftpLoad {
  readonly failed: number;
  readonly megabytesPerSecond: number;
  readonly timeouts: number;
  readonly p50Millis: number;
}

/** One run of the load client. */
export interface TftpWork {
  /** In the directory of the bench. */
  readonly file: string;
  readonly window: number;
  readonly atOnce: number;
  readonly inAll: number;
  readonly lossPercent?: number;
  readonly roundTripMillis?: number;
  /** Of the losses. */
  readonly seed?: number;
}

export interface TftpServer {
  readonly name: string;
  readonly run: (work: TftpWork) => Promise<TftpLoad>;
}

export interface TftpPeers {
  readonly peers: readonly TftpServer[];
  /** Their ports are the same in each bench. */
  readonly stop: () => Promise<void>;
}

const ourName = 'talos-amd64.efi';

/** What the load client measures of a server; `name` of the file there when it is not the one of the copy. */
function tftpLoadOf(bench: BootBench, client: string, port: number, name?: string): TftpServer['run'] {
  return ({ file, window, atOnce, inAll, lossPercent = 0, roundTripMillis = 0, seed = 1 }) =>
    load<TftpLoad>(client, [
      ...[port, name ?? file, bench.path(file), 1468],
      ...[window, atOnce, inAll, lossPercent, roundTripMillis, seed],
    ]);
}

export const ourTftp = (bench: BootBench, client: string, name: string, port: number): TftpServer => ({
  name,
  run: tftpLoadOf(bench, client, port, ourName),
});

/** Those that are installed, serving the directory of the bench. dnsmasq wants to be root and port 69, and has no windows. */
export async function startTftpPeers(bench: BootBench, client: string): Promise<TftpPeers> {
  const { directory } = bench;
  const peers: TftpServer[] = [];
  const running: Server[] = [];
  const start = async (command: readonly string[]) => running.push(await bench.start(command));
  execFileSync('chmod', ['755', directory]);
  if (isInstalled('atftpd')) {
    await start([
      ...['atftpd', '--daemon', '--no-fork', '--port', '6969', '--bind-address', '127.0.0.1'],
      ...['--user', 'nobody.nogroup', '--maxthread', '1000', '--verbose=0', directory],
    ]);
    peers.push({ name: 'atftpd', run: tftpLoadOf(bench, client, 6969) });
  }
  if (isInstalled('dnsmasq') && process.getuid?.() === 0) {
    await start([
      ...['dnsmasq', '--keep-in-foreground', '--conf-file=/dev/null', '--pid-file=', '--port=0', '--user=root'],
      ...['--quiet-tftp', '--enable-tftp=lo', `--tftp-root=${directory}`, '--tftp-max=1000'],
      ...['--listen-address=127.0.0.1', '--bind-interfaces'],
    ]);
    peers.push({ name: 'dnsmasq', run: tftpLoadOf(bench, client, 69) });
  }
  return {
    peers,
    stop: async () => {
      for (const server of running) await server.stop();
    },
  };
}
