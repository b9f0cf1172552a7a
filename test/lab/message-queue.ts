/** What one side puts and the other takes, in that order. Ends by `close`, or with the signal. */
export class MessageQueue<Message> implements AsyncIterable<Message> {
  readonly #waiting: Message[] = [];
  #isClosed = false;
  #failure: { readonly reason: unknown } | undefined;
  #wake: () => void = () => undefined;

  constructor(signal?: AbortSignal) {
    if (signal?.aborted === true) this.close();
    else signal?.addEventListener('abort', () => this.close(), { once: true });
  }

  put(message: Message): void {
    if (!this.#isClosed) this.#waiting.push(message);
    this.#wake();
  }

  close(): void {
    this.#isClosed = true;
    this.#wake();
  }

  /** Whoever takes gets this after everything that was put. */
  fail(reason: unknown): void {
    this.#failure ??= { reason };
    this.close();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Message, void, undefined> {
    for (;;) {
      const next = this.#waiting.shift();
      if (next !== undefined) yield next;
      else if (this.#failure !== undefined) throw this.#failure.reason;
      else if (this.#isClosed) return;
      else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }
}

/** All of them at once, as they come; ends when the last of them has. */
export async function* merge<Message>(sources: readonly AsyncIterable<Message>[]): AsyncGenerator<Message, void> {
  const queue = new MessageQueue<Message>();
  let open = sources.length;
  if (open === 0) return;
  for (const source of sources) {
    void (async () => {
      try {
        for await (const message of source) queue.put(message);
      } catch (reason) {
        queue.fail(reason);
      }
      open -= 1;
      if (open === 0) queue.close();
    })();
  }
  yield* queue;
}
