/**
 * How far a transfer is. Blocks are counted from 1 without wrapping; 0 is the OACK, or nothing when there is none.
 * Everything up to `acked` has arrived; `sent` is the last block that left since.
 */
export interface TransferWindow {
  readonly blocks: number;
  readonly size: number;
  readonly acked: number;
  readonly sent: number;
  /** A second ACK for `acked` has been acted on already. */
  readonly isRepeated: boolean;
}

/** A window over all blocks of a file; the last block is short, or empty when the size is a multiple (RFC 1350 section 6). */
export function openWindow(sizeBytes: number, blockSize: number, windowSize: number): TransferWindow {
  return { blocks: Math.floor(sizeBytes / blockSize) + 1, size: windowSize, acked: 0, sent: 0, isRepeated: false };
}

/** The last block that may leave before the next ACK. */
export const endOfWindow = (window: TransferWindow): number => Math.min(window.acked + window.size, window.blocks);

export const isComplete = (window: TransferWindow): boolean => window.acked === window.blocks;

/**
 * The window after an ACK with this 16-bit number, or `undefined` when the ACK changes nothing. Numbers wrap to 0 behind
 * 65535. An ACK within the window starts again behind it (RFC 7440 section 4). A repeated ACK is acted on once at most,
 * and never in lock-step: answering each would send every later block twice (RFC 1123 section 4.2.3.1).
 */
export function afterAck(window: TransferWindow, block: number): TransferWindow | undefined {
  const ahead = (block - window.acked) & 0xffff;
  if (ahead > window.sent - window.acked) return undefined;
  if (ahead > 0) return { ...window, acked: window.acked + ahead, sent: window.acked + ahead, isRepeated: false };
  if (window.size === 1 || window.isRepeated || window.sent === window.acked) return undefined;
  return { ...window, sent: window.acked, isRepeated: true };
}

/** The window when no ACK came in time: all that is not acknowledged leaves again. */
export const afterTimeout = (window: TransferWindow): TransferWindow => ({
  ...window,
  sent: window.acked,
  isRepeated: false,
});
