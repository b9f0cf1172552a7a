import { seconds } from '../../core/millis.ts';
import type { Clock, Endpoint, Network } from '../../core/ports.ts';

export interface UdpQuestion<Answer> {
  readonly to: Endpoint;
  /** Made anew for each attempt. */
  readonly encode: () => Uint8Array;
  /** What an answer says; `undefined` for whatever is none. Only datagrams from where the question went are looked at. */
  readonly decode: (bytes: Uint8Array) => Answer | undefined;
}

const patience = seconds(2);
const attempts = 2;

/** Asks once, and once more when nothing comes within 2 s; `undefined` when nobody answers. Never rejects. */
export async function askUdp<Answer>(
  { to, encode, decode }: UdpQuestion<Answer>,
  { network, clock }: { readonly network: Pick<Network, 'openUdp'>; readonly clock: Pick<Clock, 'sleep'> },
  signal: AbortSignal,
): Promise<Answer | undefined> {
  const answered = Promise.withResolvers<Answer>();
  const over = new AbortController();
  const either = AbortSignal.any([signal, over.signal]);
  const socket = await network
    .openUdp({
      address: '0.0.0.0',
      port: 0,
      onMessage: (bytes, from) => {
        const answer = from.address === to.address && from.port === to.port ? decode(bytes) : undefined;
        if (answer !== undefined) answered.resolve(answer);
      },
    })
    .catch(() => undefined);
  if (socket === undefined) return undefined;
  try {
    for (let attempt = 0; attempt < attempts && !signal.aborted; attempt += 1) {
      socket.send(encode(), to);
      const answer = await Promise.race([answered.promise, clock.sleep(patience, either).then(() => undefined)]);
      if (answer !== undefined) return answer;
    }
    return undefined;
  } finally {
    over.abort();
    await socket.close();
  }
}
