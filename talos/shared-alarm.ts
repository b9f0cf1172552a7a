import { type Millis, millis } from '../core/millis.ts';

const parts = 4;

/** Who waits for the same span: the newest part of a span first. */
interface Waiting {
  readonly parts: Set<() => void>[];
}

/**
 * Rings for the calls of one connection. They wait for deadlines that hardly one of them reaches, and a timer of Node
 * that is not needed any more would hold its memory until then: here all who wait equally long share one.
 */
export class SharedAlarm {
  readonly #waitingFor = new Map<Millis, Waiting>();

  /** Rings once after the span, at the latest a quarter of it later, in real time; the returned function takes that back. */
  ringAfter(span: Millis, ring: () => void): () => void {
    const part = (this.#waitingFor.get(span) ?? this.#begin(span)).parts[0];
    part?.add(ring);
    return () => part?.delete(ring);
  }

  #begin(span: Millis): Waiting {
    const waiting: Waiting = { parts: [new Set()] };
    this.#waitingFor.set(span, waiting);
    this.#tick(span, waiting);
    return waiting;
  }

  #tick(span: Millis, waiting: Waiting): void {
    const part = millis(Math.max(1, Math.ceil(span / parts)));
    AbortSignal.timeout(part).addEventListener('abort', () => {
      const due = waiting.parts.length > parts ? waiting.parts.pop() : undefined;
      waiting.parts.unshift(new Set());
      if (waiting.parts.every(({ size }) => size === 0)) this.#waitingFor.delete(span);
      else this.#tick(span, waiting);
      for (const ring of due ?? []) ring();
    });
  }
}
