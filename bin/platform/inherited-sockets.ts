import { readFile, readlink } from 'node:fs/promises';
import { parseSocketTable, type SocketRow } from './port-holder.ts';

/** The first descriptor that a service manager hands over (sd_listen_fds(3)). */
const firstDescriptor = 3;

interface Inherited {
  readonly descriptor: number;
  readonly protocol: 'UDP' | 'TCP';
  /** FileDescriptorName= of the socket unit: by our convention the interface that it is bound to. */
  readonly interface: string;
  readonly port: number;
}

/** What LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES say: the name of each descriptor; none when they are for another process. */
export function parseListenEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  pid: number,
): readonly { readonly descriptor: number; readonly name: string }[] {
  if (Number(env['LISTEN_PID']) !== pid) return [];
  const names = env['LISTEN_FDNAMES']?.split(':') ?? [];
  const count = /^\d{1,4}$/.test(env['LISTEN_FDS'] ?? '') ? Number(env['LISTEN_FDS']) : 0;
  return Array.from({ length: count }, (_, at) => ({ descriptor: firstDescriptor + at, name: names[at] ?? '' }));
}

let found: Promise<Inherited[]> | undefined;

/**
 * A socket that the service manager made for this interface and port, with the right to it that this process need not
 * have. Each is given away once, and belongs to whoever took it; `undefined` when there is none (any more).
 */
export async function takeInherited(
  protocol: 'UDP' | 'TCP',
  interfaceName: string | undefined,
  port: number,
): Promise<number | undefined> {
  if (interfaceName === undefined) return undefined;
  found ??= findInherited();
  const sockets = await found;
  const at = sockets.findIndex(
    (one) => one.protocol === protocol && one.interface === interfaceName && one.port === port,
  );
  return at < 0 ? undefined : sockets.splice(at, 1)[0]?.descriptor;
}

/** Which ports they have tells /proc/net: to ask the socket itself, it would have to be taken over first. */
async function findInherited(): Promise<Inherited[]> {
  const listed = parseListenEnvironment(process.env, process.pid);
  if (listed.length === 0) return [];
  const rowsOf = async (table: string): Promise<SocketRow[]> =>
    parseSocketTable(await readFile(`/proc/self/net/${table}`, 'utf8').catch(() => ''));
  const tables = { UDP: await rowsOf('udp'), TCP: [...(await rowsOf('tcp')), ...(await rowsOf('tcp6'))] } as const;
  const sockets: Inherited[] = [];
  for (const { descriptor, name } of listed) {
    const target = await readlink(`/proc/self/fd/${descriptor}`).catch(() => '');
    const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
    for (const protocol of ['UDP', 'TCP'] as const) {
      const row = tables[protocol].find((one) => one.inode === inode);
      if (row !== undefined) sockets.push({ descriptor, protocol, interface: name, port: row.port });
    }
  }
  return sockets;
}
