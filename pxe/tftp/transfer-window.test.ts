import { describe, expect, it } from 'vitest';
import { afterAck, afterTimeout, endOfWindow, isComplete, openWindow, type TransferWindow } from './transfer-window.ts';

/** A window whose blocks up to `sent` have left. */
const windowAt = (acked: number, sent: number, size = 4): TransferWindow => ({
  ...openWindow(200_000 * 512, 512, size),
  acked,
  sent,
});

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

  it('answers a repeated ACK once in a wider window', () => {
    const window = afterAck(windowAt(8, 12), 8);
    expect(window).toMatchObject({ acked: 8, sent: 8 });
    expect(window && afterAck({ ...window, sent: 12 }, 8)).toBeUndefined();
  });

  it.each([
    ['after a time-out', (window: TransferWindow) => afterTimeout(window)],
    ['after a repeated ACK', (window: TransferWindow) => afterAck(window, window.acked)],
    ['after an ACK within the window', (window: TransferWindow) => afterAck(window, window.acked + 2)],
  ])('takes repeated ACKs for echoes of blocks that left twice: %s', (_, resend) => {
    const again = resend(windowAt(8, 12));
    const resent = again && { ...again, sent: endOfWindow(again) };
    const next = resent && afterAck(resent, resent.sent);
    const sent = next && { ...next, sent: endOfWindow(next) };
    expect(sent && afterAck(sent, sent.acked)).toBeUndefined();
    const later = sent && afterAck(sent, sent.sent);
    expect(later && afterAck({ ...later, sent: endOfWindow(later) }, later.acked)).toMatchObject({ isResent: true });
  });

  it('is complete with the ACK of the last block', () => {
    const last = { ...openWindow(1000, 512, 4), sent: 2 };
    const window = afterAck(last, 2);
    expect([isComplete(last), window && isComplete(window)]).toEqual([false, true]);
  });
});
