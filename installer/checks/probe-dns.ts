import type { Clock, Network, Random } from '../../core/ports.ts';
import { askUdp } from './ask-udp.ts';
import { type DnsAnswer, decodeDnsAnswer, encodeDnsQuery } from './dns-message.ts';
import type { NameServerAnswer } from './probes.ts';

export interface DnsProbe {
  readonly network: Pick<Network, 'openUdp'>;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly random: Random;
  /** 53 when left out. */
  readonly port?: number;
}

/**
 * Asks a name server for a name, and for one that nobody may have (RFC 6761 reserves .invalid): one that knows it makes
 * every mistyped name an address. Never rejects.
 */
export async function probeDns(
  server: string,
  name: string,
  probe: DnsProbe,
  signal: AbortSignal,
): Promise<NameServerAnswer> {
  const nobody = `rackwright-${Buffer.from(probe.random.bytes(6)).toString('hex')}.invalid`;
  const [wild, known] = await Promise.all([ask(server, nobody, probe, signal), ask(server, name, probe, signal)]);
  const [address] = wild?.addresses ?? [];
  if (address !== undefined) return { kind: 'wildcard', address };
  if (known === undefined) return { kind: 'silent' };
  return known.addresses[0] === undefined ? { kind: 'knows-not' } : { kind: 'knows', address: known.addresses[0] };
}

async function ask(
  server: string,
  name: string,
  { random, port = 53, ...ports }: DnsProbe,
  signal: AbortSignal,
): Promise<DnsAnswer | undefined> {
  const [high = 0, low = 0] = random.bytes(2);
  const id = high * 256 + low;
  const decode = (bytes: Uint8Array) => {
    const answer = decodeDnsAnswer(bytes);
    return answer?.id === id ? answer : undefined;
  };
  return askUdp({ to: { address: server, port }, encode: () => encodeDnsQuery(id, name), decode }, ports, signal);
}
