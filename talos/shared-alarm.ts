import { type Millis, millis } from '../core/millis.ts';

const parts = 4;

/** Who waits for the same span: the newest part of a span first. */
interface Waiting {
  readonly parts: Set<() => void>[];
}

const waitingFor = new Map<Millis, Waiting>();

/**
 * Rings once after the span, at the latest a quarter of it later, in real time; the returned function takes that back.
 * Thousands of calls wait for deadlines that hardly one of them reaches, and a timer of Node that is not needed any more
 * would hold its memory until then: here all who wait equally long share one.
 */
export function ringAfter(span: Millis, ring: () => void): () => void {
  const waiting = waitingFor.get(span) ?? begin(span);
  const part = waiting.parts[0];
  part?.add(ring);
  return () => part?.delete(ring);
}

function begin(span: Millis): Waiting {
  const waiting: Waiting = { parts: [new Set()] };
  waitingFor.set(span, waiting);
  tick(span, waiting);
  return waiting;
}

function tick(span: Millis, waiting: Waiting): void {
  const part = millis(Math.max(1, Math.ceil(span / parts)));
  AbortSignal.timeout(part).addEventListener('abort', () => {
    const due = waiting.parts.length > parts ? waiting.parts.pop() : undefined;
    waiting.parts.unshift(new Set());
    if (waiting.parts.every(({ size }) => size === 0)) waitingFor.delete(span);
    else tick(span, waiting);
    for (const ring of due ?? []) ring();
  });
}
