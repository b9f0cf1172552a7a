import { readdir, readFile, readlink } from 'node:fs/promises';
import { basename } from 'node:path';

/** One row of /proc/net/udp or tcp. */
export interface SocketRow {
  readonly port: number;
  /** TCP state, hexadecimal: `0A` is LISTEN. */
  readonly state: string;
  readonly inode: string;
}

/** The rows of /proc/net/{udp,tcp}[6] (proc_net(5)): `sl local_address rem_address st … inode …`. */
export function parseSocketTable(text: string): SocketRow[] {
  return text
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .flatMap((fields) => {
      const port = fields[1]?.split(':')[1];
      const [state, inode] = [fields[3], fields[9]];
      if (port === undefined || state === undefined || inode === undefined) return [];
      return [{ port: Number.parseInt(port, 16), state, inode }];
    });
}

/**
 * Who holds a port, such as `dnsmasq (pid 812)`; `undefined` when nobody does, or when this user may not look. Linux only:
 * sockets of the port in /proc/net, then the process with one of them among its open files.
 */
export async function portHolder(protocol: 'UDP' | 'TCP', port: number): Promise<string | undefined> {
  const table = protocol.toLowerCase();
  const texts = await Promise.all([table, `${table}6`].map((name) => textOf(`/proc/net/${name}`)));
  const rows = texts.flatMap(parseSocketTable).filter((row) => row.port === port);
  const bound = new Set(rows.filter((row) => protocol === 'UDP' || row.state === '0A').map((row) => row.inode));
  if (bound.size === 0) return undefined;
  for (const pid of (await namesIn('/proc')).filter((name) => /^\d+$/.test(name))) {
    for (const descriptor of await namesIn(`/proc/${pid}/fd`)) {
      const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '');
      const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
      if (inode === undefined || !bound.has(inode)) continue;
      return `${await programOf(pid)} (pid ${pid})`;
    }
  }
  return undefined;
}

/** What was started, without folders and arguments: the name of the process itself may be that of a thread. */
async function programOf(pid: string): Promise<string> {
  const [program = '', script = ''] = (await textOf(`/proc/${pid}/cmdline`)).split('\0').map((word) => basename(word));
  if (program === '') return 'a process';
  return /^(node|python|perl|ruby|bash|sh)[\d.]*$/.test(program) && script !== '' ? `${program} ${script}` : program;
}

/** Processes come and go while they are looked at, so what is gone is empty. */
const textOf = (path: string) => readFile(path, 'utf8').catch(() => '');
const namesIn = (path: string) => readdir(path).catch(() => []);
