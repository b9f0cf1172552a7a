import { describe, expect, it } from 'vitest';
import { MessageQueue, merge } from './message-queue.ts';

describe('a queue of messages', () => {
  it('gives everything in order, also what comes while somebody waits, and ends', async () => {
    const queue = new MessageQueue<number>();
    queue.put(1);
    const all = Array.fromAsync(queue);
    await Promise.resolve();
    queue.put(2);
    queue.close();
    queue.put(3);
    expect(await all).toEqual([1, 2]);
  });

  it('ends with its signal, and fails after what was put', async () => {
    const left = new AbortController();
    const quiet = Array.fromAsync(new MessageQueue<number>(left.signal));
    left.abort();
    expect(await quiet).toEqual([]);
    const broken = new MessageQueue<number>();
    broken.put(1);
    broken.fail(new Error('gone'));
    const seen: number[] = [];
    await expect(
      (async () => {
        for await (const message of broken) seen.push(message);
      })(),
    ).rejects.toThrow('gone');
    expect(seen).toEqual([1]);
  });
});

describe('merge', () => {
  it('gives what any of them has, and ends with the last', async () => {
    const [one, other] = [new MessageQueue<string>(), new MessageQueue<string>()];
    const all = Array.fromAsync(merge([one, other]));
    other.put('b');
    other.close();
    one.put('a');
    one.close();
    expect((await all).sort()).toEqual(['a', 'b']);
    expect(await Array.fromAsync(merge([]))).toEqual([]);
  });
});
