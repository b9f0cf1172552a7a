import { describe, expect, it } from 'vitest';
import { afterAck, endOfWindow, isComplete, openWindow, sendAgain, type TransferWindow } from './transfer-window.ts';

/** A window whose blocks up to `sent` have left. */
const windowAt = (acked: number, sent: number, size = 4): TransferWindow => ({
  ...openWindow(200_000 * 512, 512, size),
  acked,
  sent,
});

/** The window when all has left that may. */
const full = (window: TransferWindow): TransferWindow => ({ ...window, sent: endOfWindow(window) });

/** The ACKs of these, coming one after the other, that make blocks leave again. */
function answersTo(acks: readonly number[], from: TransferWindow): number[] {
  let window = from;
  return acks.filter((block) => {
    const after = afterAck(window, block);
    const isAnswered = after !== undefined && after.sent < window.sent;
    window = full(after ?? window);
    return isAnswered;
  });
}

describe('a transfer window', () => {
  it.each([
    [0, 1],
    [511, 1],
    [512, 2],
    [513, 2],
    [1024, 3],
  ])('ends a file of %i bytes with a short or empty block: %i blocks of 512', (sizeBytes, blocks) => {
    expect(openWindow(sizeBytes, 512, 1).blocks).toBe(blocks);
  });

  it('counts on where block numbers wrap to 0', () => {
    expect(afterAck(windowAt(65_534, 65_538), 2)).toMatchObject({ acked: 65_538, sent: 65_538 });
    expect(afterAck(windowAt(65_534, 65_538), 0)).toMatchObject({ acked: 65_536, sent: 65_536 });
  });

  it('starts again behind an ACK within the window', () => {
    const window = afterAck(windowAt(8, 12), 10);
    expect(window).toMatchObject({ acked: 10, sent: 10 });
    expect(window && endOfWindow(window)).toBe(14);
  });

  it('ignores an ACK from before the window, and one for blocks that never left', () => {
    expect([afterAck(windowAt(8, 12), 7), afterAck(windowAt(8, 12), 13)]).toEqual([undefined, undefined]);
  });

  it('never answers a repeated ACK in lock-step', () => {
    expect(afterAck(windowAt(8, 9, 1), 8)).toBeUndefined();
  });

  it('answers a gap once, although a client tells it with each block behind the gap', () => {
    expect(answersTo([8, 8, 8], windowAt(8, 12))).toEqual([8]);
    expect(answersTo([10, 10, 10], windowAt(8, 14, 6))).toEqual([10]);
  });

  it('answers it again when the block is lost again', () => {
    expect(answersTo([8, 8, 8, 8], windowAt(8, 12))).toEqual([8, 8]);
  });

  it.each([
    ['one copy of each block', 1],
    ['three copies of each block', 3],
  ])('answers none of the echoes of %s, and the next gap', (_, times) => {
    let window = windowAt(8, 12);
    for (let left = times; left > 0; left -= 1) window = full(sendAgain(window));
    const echoes = Array<number>(4 * times).fill(12);
    expect(answersTo([12, ...echoes, 12], window)).toEqual([12]);
  });

  it('moves on with an echo from within the window, and sends nothing again', () => {
    const late = full(sendAgain(windowAt(8, 12)));
    expect(afterAck(late, 11)).toMatchObject({ acked: 11, sent: 12, echoes: 2 });
  });

  it('expects no echo behind the ACK of a block that left later than every copy', () => {
    const window = full(sendAgain(windowAt(8, 12)));
    expect(answersTo([12, 16, 16], window)).toEqual([16]);
  });

  it('is complete with the ACK of the last block', () => {
    const last = { ...openWindow(1000, 512, 4), sent: 2 };
    const window = afterAck(last, 2);
    expect([isComplete(last), window && isComplete(window)]).toEqual([false, true]);
  });
});
