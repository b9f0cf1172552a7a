import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';

/**
 * A UDP port that stands for another one of this host, for one client, and loses each packet with the same probability either way; the
 * same seed loses the same packets. The first packet always arrives, for how long a client waits then is its own affair.
 */
export async function openLossyRelay(to: number, loss: number, seed: number): Promise<{ port: number; close(): void }> {
  const fraction = fractions(seed);
  const [front, back] = [await bound(), await bound()];
  let client: RemoteInfo | undefined;
  front.on('message', (bytes, from) => {
    const isFirst = client === undefined;
    client ??= from;
    if (isFirst || fraction() >= loss) back.send(bytes, to, '127.0.0.1');
  });
  back.on('message', (bytes) => {
    if (client !== undefined && fraction() >= loss) front.send(bytes, client.port, client.address);
  });
  return {
    port: front.address().port,
    close: () => {
      front.close();
      back.close();
    },
  };
}

async function bound(): Promise<Socket> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}

/** Xorshift (Marsaglia 2003). */
function fractions(seed: number): () => number {
  let state = (seed * 2_654_435_761) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
