import { seconds } from '../../core/millis.ts';
import type { Clock, Network, Random } from '../../core/ports.ts';
import { type DnsAnswer, decodeDnsAnswer, encodeDnsQuery } from './dns-message.ts';
import type { NameServerAnswer } from './probes.ts';

export interface DnsProbe {
  readonly network: Pick<Network, 'openUdp'>;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly random: Random;
  /** 53 when left out. */
  readonly port?: number;
}

const patience = seconds(2);
const attempts = 2;

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
  { network, clock, random, port = 53 }: DnsProbe,
  signal: AbortSignal,
): Promise<DnsAnswer | undefined> {
  const [high = 0, low = 0] = random.bytes(2);
  const id = high * 256 + low;
  const answered = Promise.withResolvers<DnsAnswer>();
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  const socket = await network
    .openUdp({
      address: '0.0.0.0',
      port: 0,
      onMessage: (bytes, from) => {
        const answer = from.address === server && from.port === port ? decodeDnsAnswer(bytes) : undefined;
        if (answer?.id === id) answered.resolve(answer);
      },
    })
    .catch(() => undefined);
  if (socket === undefined) return undefined;
  try {
    for (let attempt = 0; attempt < attempts && !signal.aborted; attempt += 1) {
      socket.send(encodeDnsQuery(id, name), { address: server, port });
      const answer = await Promise.race([answered.promise, clock.sleep(patience, either).then(() => undefined)]);
      if (answer !== undefined) return answer;
    }
    return undefined;
  } finally {
    over.abort();
    await socket.close();
  }
}
