/**
 * How far a transfer is. Blocks are counted from 1 without wrapping; 0 is the OACK, or nothing when there is none.
 * Everything up to `acked` has arrived; `sent` is the last block that left.
 */
export interface TransferWindow {
  readonly blocks: number;
  readonly size: number;
  readonly acked: number;
  readonly sent: number;
  /** Blocks behind `from` and up to `to` left again, `times` times, when blocks last left again. */
  readonly resent: { readonly from: number; readonly to: number; readonly times: number };
  /** ACKs that may still come for second copies, and say nothing: EDK2 acknowledges what it has with each block that it has already. */
  readonly echoes: number;
  /** ACKs for `acked` that may still come about a gap that was heard of: EDK2 tells it with each block behind the gap. */
  readonly reports: number;
}

/** A window over all blocks of a file; the last block is short, or empty when the size is a multiple (RFC 1350 section 6). */
export function openWindow(sizeBytes: number, blockSize: number, windowSize: number): TransferWindow {
  const blocks = Math.floor(sizeBytes / blockSize) + 1;
  return { blocks, size: windowSize, acked: 0, sent: 0, resent: neverResent, echoes: 0, reports: 0 };
}

const neverResent = { from: -1, to: -1, times: 0 };

/** How often one gap is answered at once. */
const mostAnswers = 2;

/** The last block that may leave before the next ACK. */
export const endOfWindow = (window: TransferWindow): number => Math.min(window.acked + window.size, window.blocks);

export const isComplete = (window: TransferWindow): boolean => window.acked === window.blocks;

/**
 * The window after an ACK with this 16-bit number, or `undefined` when the ACK changes nothing. Numbers wrap to 0 behind
 * 65535. An ACK within the window, or a repeated one, tells of a gap, and blocks leave again from there (RFC 7440 section
 * 4). Not in lock-step (RFC 1123 section 4.2.3.1), and not where it may be an echo: the window only moves on. An answer to
 * an echo would have echoes too, and one late ACK would make every later block leave twice.
 */
export function afterAck(window: TransferWindow, block: number): TransferWindow | undefined {
  const { blocks, size, sent, resent } = window;
  const ahead = (block - window.acked) & 0xffff;
  if (ahead > sent - window.acked) return undefined;
  const acked = window.acked + ahead;
  const echoes = acked > resent.to ? 0 : window.echoes + resent.times * ahead;
  const reports = ahead > 0 ? 0 : window.reports;
  if (acked === sent && ahead === 0) return undefined;
  const after = { blocks, size, acked, sent, resent, echoes, reports };
  if (acked === sent) return after;
  if (reports > 0) return { ...after, reports: reports - 1 };
  if (echoes > 0) return { ...after, echoes: echoes - 1 };
  // Then the timer's turn: a network that doubles packets has more echoes than anybody can count.
  if (ahead === 0 && acked === resent.from && resent.times >= mostAnswers) return after;
  return size === 1 ? undefined : { ...sendAgain(after), reports: Math.max(0, sent - acked - 2) };
}

/** All that is not acknowledged leaves once more: it is missing, or no ACK came in time. */
export const sendAgain = (window: TransferWindow): TransferWindow => ({
  ...window,
  sent: window.acked,
  resent: {
    from: window.acked,
    // Asked again while the blocks are still being read, all that left the last time still counts.
    to: window.acked === window.resent.from ? Math.max(window.sent, window.resent.to) : window.sent,
    times: window.acked === window.resent.from ? window.resent.times + 1 : 1,
  },
  reports: 0,
});
