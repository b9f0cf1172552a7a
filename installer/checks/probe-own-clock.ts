import { parseIpv4 } from '../../core/ipv4.ts';
import type { Clock, Network, Random } from '../../core/ports.ts';
import type { RackSpec } from '../../core/rack-spec.ts';
import { askUdp } from './ask-udp.ts';
import { probeDns } from './probe-dns.ts';
import type { OwnClock } from './probes.ts';
import { decodeSntpAnswer, encodeSntpQuery } from './sntp-message.ts';

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
  { clock, random, port = 123, network }: OwnClockProbe,
  signal: AbortSignal,
): Promise<{ readonly aheadOfServer: number; readonly roundTrip: number } | undefined> {
  // A new one each time: the late answer to an earlier question would tell a wrong time.
  let cookie: Uint8Array = new Uint8Array();
  let sentAt = 0;
  const encode = () => {
    cookie = random.bytes(8);
    sentAt = clock.now().getTime();
    return encodeSntpQuery(cookie);
  };
  const decode = (bytes: Uint8Array) => {
    const answer = decodeSntpAnswer(bytes);
    if (answer === undefined || !Buffer.from(answer.cookie).equals(cookie)) return undefined;
    const at = clock.now().getTime();
    const behind = (answer.receivedAt - sentAt + (answer.sentAt - at)) / 2;
    return { aheadOfServer: -behind, roundTrip: at - sentAt - (answer.sentAt - answer.receivedAt) };
  };
  return askUdp({ to: { address, port }, encode, decode }, { network, clock }, signal);
}
