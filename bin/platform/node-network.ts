import { networkInterfaces } from 'node:os';
import type { Network, NetworkInterface } from '../../core/ports.ts';
import { readDefaultRoutes, readInterfaceFacts } from './interface-facts.ts';
import { openUdp } from './open-udp.ts';
import { serveHttp } from './serve-http.ts';

/** The machine's network. */
export const nodeNetwork: Network = { interfaces, openUdp, serveHttp };

function interfaces(): NetworkInterface[] {
  const defaultRoutes = readDefaultRoutes();
  return Object.entries(networkInterfaces()).map(([name, addresses = []]) => ({
    name,
    ...readInterfaceFacts(name),
    hasDefaultRoute: defaultRoutes.has(name),
    ipv4: addresses
      .filter(({ family }) => family === 'IPv4')
      .map(({ address, cidr }) => ({ address, prefixLength: Number(cidr?.split('/')[1] ?? 32) })),
  }));
}
