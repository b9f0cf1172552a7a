import type { KnockUdp, NetworkInterface } from '../../core/ports.ts';
import type { PacketAnswer } from './probes.ts';

/** Headers of IPv4 without options and of UDP. */
const headerBytes = 28;
/** Nobody listens there, and nobody needs to. */
const discardPort = 9;

/**
 * Whether an IP packet of a size gets from this computer to a machine in one piece: the machine refuses a datagram to a port
 * where nobody listens, and does so only when it has come. First a small one, so that silence to the large one says something,
 * and then once more.
 */
export async function probePackets(
  address: string,
  { wantedBytes, knockUdp, link }: { wantedBytes: number; knockUdp: KnockUdp; link: NetworkInterface | undefined },
  signal: AbortSignal,
): Promise<PacketAnswer> {
  const own = link?.mtuBytes;
  const sizeBytes = Math.min(wantedBytes, own ?? 0);
  if (own === undefined || sizeBytes <= headerBytes)
    return { kind: 'unasked', why: 'the largest packet of the interface of this computer is not known' };
  const knock = (bytes: number) => knockUdp({ address, port: discardPort }, bytes, signal);
  const mute = { kind: 'unasked', why: 'it does not refuse datagrams, or a firewall keeps that back' } as const;
  if ((await knock(0)) !== 'refused') return mute;
  if ((await knock(sizeBytes - headerBytes)) === 'refused') return { kind: 'through', sizeBytes };
  if (signal.aborted || (await knock(0)) !== 'refused') return mute;
  return { kind: 'lost', sizeBytes };
}
