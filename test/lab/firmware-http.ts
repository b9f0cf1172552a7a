import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { Clock } from '../../core/ports.ts';
import { pace } from './pace.ts';

/**
 * Downloads as OVMF's HTTP boot does: HEAD, then GET, over one address of its own, with `Host` naming no port. Takes no
 * redirect, needs Content-Length and the type `application/efi`. Gives the number of bytes, `undefined` when it gave up.
 */
export async function downloadByHttp(options: {
  readonly url: string;
  readonly localAddress: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}): Promise<number | undefined> {
  const promised = await ask('HEAD', options);
  if (promised === undefined || promised.sizeBytes === 0) return undefined;
  const file = await ask('GET', options);
  return file?.received === promised.sizeBytes && file.sizeBytes === promised.sizeBytes ? file.received : undefined;
}

interface Answer {
  readonly sizeBytes: number;
  readonly received: number;
}

async function ask(
  method: 'HEAD' | 'GET',
  { url, localAddress, clock, signal }: Parameters<typeof downloadByHttp>[0],
): Promise<Answer | undefined> {
  const { hostname } = new URL(url);
  const life = new AbortController();
  const idle = new Idle(clock, AbortSignal.any([signal, life.signal]));
  try {
    const call = request(url, {
      method,
      localAddress,
      agent: false,
      headers: { 'user-agent': 'UefiHttpBoot/1.0', host: hostname, accept: '*/*' },
      signal,
    });
    idle.watch(call);
    const reply = await answerTo(call);
    const sizeBytes = Number(reply.headers['content-length']);
    const isSound =
      reply.statusCode === 200 && reply.headers['content-type'] === 'application/efi' && Number.isInteger(sizeBytes);
    if (!isSound) {
      call.destroy();
      return undefined;
    }
    let received = 0;
    for await (const chunk of reply) {
      received += (chunk as Buffer).length;
      idle.touch();
    }
    return { sizeBytes, received };
  } catch {
    // Refused, reset, timed out or switched off: firmware goes on to its next boot option.
    return undefined;
  } finally {
    life.abort();
  }
}

function answerTo(call: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    call.on('response', resolve);
    call.on('error', reject);
    call.end();
  });
}

/** Breaks a call off when nothing has moved for a while. */
class Idle {
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  #moved = 0;

  constructor(clock: Clock, signal: AbortSignal) {
    this.#clock = clock;
    this.#signal = signal;
  }

  touch(): void {
    this.#moved += 1;
  }

  watch(call: ClientRequest): void {
    const wait = async () => {
      for (let seen = -1; seen !== this.#moved; ) {
        seen = this.#moved;
        await this.#clock.sleep(pace.httpTimeout, this.#signal);
        if (this.#signal.aborted) return;
      }
      call.destroy(new Error('the boot server stopped answering'));
    };
    void wait();
  }
}
