import { minutes } from '../../core/millis.ts';
import type { OpenHttp } from '../../core/ports.ts';
import { httpUnanswered } from './platform-faults.ts';

/** The Image Factory builds an image when it is first asked for, and says nothing meanwhile. */
const patience = minutes(10);

/** Asks with the platform's own HTTP client and gives the answer as it comes. */
export const openHttp: OpenHttp = async ({ method, url, headers = {}, body }, signal) => {
  const late = AbortSignal.timeout(patience);
  try {
    const answer = await fetch(url, {
      method,
      headers: { 'accept-encoding': 'identity', ...headers },
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.any([late, signal]),
    });
    return {
      status: answer.status,
      headers: Object.fromEntries(answer.headers),
      body: chunksOf(answer.body, url),
    };
  } catch (cause) {
    throw httpUnanswered({ url, why: reasonOf(cause) }, { cause });
  }
};

async function* chunksOf(body: ReadableStream<Uint8Array> | null, url: string): AsyncIterable<Uint8Array> {
  try {
    if (body !== null) yield* body;
  } catch (cause) {
    throw httpUnanswered({ url, why: reasonOf(cause) }, { cause });
  }
}

function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  return thrown.cause instanceof Error ? thrown.cause.message : thrown.message;
}
