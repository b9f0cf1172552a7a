import { existsSync, readFileSync } from 'node:fs';

/** Names of the interfaces that a default route of IPv4 goes through, from /proc/net/route (proc_net(5)). */
export function parseDefaultRoutes(text: string): ReadonlySet<string> {
  const names = text
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1] === '00000000' && fields[7] === '00000000' && isUp(fields[3]))
    .map(([name = '']) => name);
  return new Set(names);
}

/** RTF_UP of <linux/route.h>. */
const isUp = (flags = '0') => (Number.parseInt(flags, 16) & 1) === 1;

/** What Linux tells of an interface beside its addresses; elsewhere nothing. */
export function readInterfaceFacts(name: string): { readonly mtuBytes?: number; readonly isWireless: boolean } {
  const folder = `/sys/class/net/${name}`;
  const mtuBytes = Number(textOf(`${folder}/mtu`));
  const isWireless = existsSync(`${folder}/wireless`) || existsSync(`${folder}/phy80211`);
  return { isWireless, ...(mtuBytes > 0 ? { mtuBytes } : {}) };
}

export const readDefaultRoutes = (): ReadonlySet<string> => parseDefaultRoutes(textOf('/proc/self/net/route'));

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
