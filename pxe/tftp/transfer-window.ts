/**
 * How far a transfer is. Blocks are counted from 1 without wrapping; 0 is the OACK, or nothing when there is none.
 * Everything up to `acked` has arrived; `sent` is the last block that left since.
 */
export interface TransferWindow {
  readonly blocks: number;
  readonly size: number;
  readonly acked: number;
  readonly sent: number;
  /** Blocks behind `acked` left more than once. */
  readonly isResent: boolean;
  /** Blocks up to `acked` did, so that further ACKs for it say nothing: EDK2 sends one for every block that it has already. */
  readonly isBehindResent: boolean;
}

/** A window over all blocks of a file; the last block is short, or empty when the size is a multiple (RFC 1350 section 6). */
export function openWindow(sizeBytes: number, blockSize: number, windowSize: number): TransferWindow {
  const blocks = Math.floor(sizeBytes / blockSize) + 1;
  return { blocks, size: windowSize, acked: 0, sent: 0, isResent: false, isBehindResent: false };
}

/** The last block that may leave before the next ACK. */
export const endOfWindow = (window: TransferWindow): number => Math.min(window.acked + window.size, window.blocks);

export const isComplete = (window: TransferWindow): boolean => window.acked === window.blocks;

/**
 * The window after an ACK with this 16-bit number, or `undefined` when the ACK changes nothing. Numbers wrap to 0 behind
 * 65535. An ACK within the window starts again behind it (RFC 7440 section 4). A repeated ACK is acted on once at most,
 * and never in lock-step, nor where it may be the echo of blocks that left twice: answering such a one would send every
 * later block twice (RFC 1123 section 4.2.3.1), and one hiccup of the client would last to the end of the file.
 */
export function afterAck(window: TransferWindow, block: number): TransferWindow | undefined {
  const ahead = (block - window.acked) & 0xffff;
  if (ahead > window.sent - window.acked) return undefined;
  const { blocks, size, isResent } = window;
  const acked = window.acked + ahead;
  if (ahead > 0) return { blocks, size, acked, sent: acked, isResent: acked < window.sent, isBehindResent: isResent };
  if (size === 1 || isResent || window.isBehindResent || window.sent === acked) return undefined;
  return { ...window, sent: acked, isResent: true };
}

/** The window when no ACK came in time: all that is not acknowledged leaves again. */
export const afterTimeout = (window: TransferWindow): TransferWindow => ({
  ...window,
  sent: window.acked,
  isResent: true,
});
