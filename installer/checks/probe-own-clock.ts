import { parseIpv4 } from '../../core/ipv4.ts';
import { type Millis, seconds } from '../../core/millis.ts';
import type { Clock, Network, Random } from '../../core/ports.ts';
import type { RackSpec } from '../../core/rack-spec.ts';
import { probeDns } from './probe-dns.ts';
import type { OwnClock } from './probes.ts';
import { decodeSntpAnswer, encodeSntpQuery, type SntpAnswer } from './sntp-message.ts';

export interface OwnClockProbe {
  readonly network: Pick<Network, 'openUdp'>;
  readonly clock: Pick<Clock, 'now' | 'sleep'>;
  readonly random: Random;
  readonly host: {
    /** What the system says of its clock; `undefined` when it does not tell. */
    isClockSynchronized(): Promise<boolean | undefined>;
  };
  /** 123 when left out. */
  readonly port?: number;
}

const patience: Millis = seconds(2);
const attempts = 2;

/**
 * How right the clock of this computer is: by the time servers of the rack file, which its machines will use, and by what the
 * system says of it. Never rejects.
 */
export async function probeOwnClock(
  { network: { timeServers, nameservers } }: Pick<RackSpec, 'network'>,
  probe: OwnClockProbe,
  signal: AbortSignal,
): Promise<OwnClock> {
  const [isSynchronized, ...readings] = await Promise.all([
    probe.host.isClockSynchronized().catch(() => undefined),
    ...timeServers.map(async (server) => {
      const address = await addressOf(server, nameservers, probe, signal);
      const reading = address === undefined ? undefined : await askTime(address, probe, signal);
      return reading === undefined ? { server } : { server, ...reading };
    }),
  ]);
  return { ...(isSynchronized === undefined ? {} : { isSynchronized }), servers: readings };
}

async function addressOf(
  server: string,
  nameservers: readonly string[],
  probe: OwnClockProbe,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (parseIpv4(server) !== undefined) return server;
  for (const nameserver of nameservers) {
    const { network, clock, random } = probe;
    const answer = await probeDns(nameserver, server, { network, clock, random }, signal);
    if (answer.kind === 'knows') return answer.address;
  }
  return undefined;
}

/** In milliseconds; `undefined` for a server that does not answer, or does not know the time itself. */
async function askTime(
  address: string,
  { network, clock, random, port = 123 }: OwnClockProbe,
  signal: AbortSignal,
): Promise<{ readonly aheadOfServer: number; readonly roundTrip: number } | undefined> {
  const cookie = random.bytes(8);
  const answered = Promise.withResolvers<{ answer: SntpAnswer; at: number }>();
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  const socket = await network
    .openUdp({
      address: '0.0.0.0',
      port: 0,
      onMessage: (bytes, from) => {
        const answer = from.address === address && from.port === port ? decodeSntpAnswer(bytes) : undefined;
        if (answer !== undefined && Buffer.from(answer.cookie).equals(cookie))
          answered.resolve({ answer, at: clock.now().getTime() });
      },
    })
    .catch(() => undefined);
  if (socket === undefined) return undefined;
  try {
    for (let attempt = 0; attempt < attempts && !signal.aborted; attempt += 1) {
      const sentAt = clock.now().getTime();
      socket.send(encodeSntpQuery(cookie), { address, port });
      const found = await Promise.race([answered.promise, clock.sleep(patience, either).then(() => undefined)]);
      if (found === undefined) continue;
      const { answer, at } = found;
      const behind = (answer.receivedAt - sentAt + (answer.sentAt - at)) / 2;
      return { aheadOfServer: -behind, roundTrip: at - sentAt - (answer.sentAt - answer.receivedAt) };
    }
    return undefined;
  } finally {
    over.abort();
    await socket.close();
  }
}
