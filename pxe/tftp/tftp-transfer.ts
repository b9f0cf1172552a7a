import { type Millis, millis, seconds } from '../../core/millis.ts';
import type { Clock, ReadableFile } from '../../core/ports.ts';
import { BlockReader } from './block-reader.ts';
import type { DeadlineWatch } from './deadline-watch.ts';
import { encodeTftp } from './encode-tftp.ts';
import { negotiateOptions, type TransferTerms } from './negotiate-options.ts';
import { RoundTripTimer } from './round-trip-timer.ts';
import { opcode, type ReadRequest, type TftpPacket, tftpError } from './tftp-packet.ts';
import { afterAck, endOfWindow, isComplete, openWindow, sendAgain, type TransferWindow } from './transfer-window.ts';

/** How a transfer ended. `probe`: the client wanted to know the size only, and said so with an ERROR after the OACK. */
export interface TransferEnd {
  readonly outcome: 'complete' | 'probe' | 'aborted' | 'timed-out' | 'failed';
  readonly sentBytes: number;
  readonly reason?: string;
  readonly duration: Millis;
  /** Blocks that left once more than they had to. */
  readonly resentBlocks: number;
  readonly terms: TransferTerms;
}

/** A client that says nothing for so long is gone. */
const patience = seconds(30);
const headerBytes = 4;
/** Blocks that leave with one call; their bytes fit the largest UDP datagram. */
const mostSegments = 64;
const mostSegmentBytes = 65_507;

/** Blocks on their way out. One for all transfers of a server, because sending copies. */
export const createOutbox = (): Uint8Array => new Uint8Array(mostSegmentBytes);

export interface TransferParts {
  readonly request: ReadRequest;
  readonly file: ReadableFile;
  readonly clock: Clock;
  readonly watch: DeadlineWatch;
  readonly outbox: Uint8Array;
  readonly largestBlockBytes?: number | undefined;
  readonly send: (bytes: Uint8Array) => void;
  /** The client wants the file itself, and not only its size. */
  readonly onBegun?: () => void;
  /** As `UdpSocket.sendSegments`. */
  readonly sendSegments: (bytes: Uint8Array, segmentBytes: number) => void;
}

/** Sends one file to one client (RFC 1350, 2347, 2348, 2349, 7440). It owns neither the socket nor the file. */
export class TftpTransfer {
  readonly #parts: TransferParts;
  readonly #terms: TransferTerms;
  readonly #reader: BlockReader;
  readonly #timer: RoundTripTimer;
  readonly #over = Promise.withResolvers<TransferEnd>();
  readonly #begun: Millis;
  #window: TransferWindow;
  #isNegotiating: boolean;
  #isReading = false;
  #isOver = false;
  /** When the blocks behind the last ACK left. */
  #leftAt: Millis;
  #heardAt: Millis;
  #highest = 0;
  #resentBlocks = 0;
  deadline: Millis;

  constructor(parts: TransferParts) {
    const { request, file, clock } = parts;
    this.#parts = parts;
    this.#terms = negotiateOptions(request, file.sizeBytes, parts.largestBlockBytes);
    this.#reader = new BlockReader(file, this.#terms.blockSize);
    this.#timer = new RoundTripTimer(this.#terms.retransmitAfter, this.#terms.accepted.has('timeout'));
    this.#window = openWindow(file.sizeBytes, this.#terms.blockSize, this.#terms.windowSize);
    this.#isNegotiating = this.#terms.accepted.size > 0;
    this.#begun = clock.monotonic();
    this.#leftAt = this.#begun;
    this.#heardAt = this.#begun;
    this.deadline = this.#begun;
  }

  /** Sends until all has arrived, the client breaks off or falls silent, or `stop` aborts. */
  async run(stop: AbortSignal): Promise<TransferEnd> {
    const onStop = () => this.#finish('aborted', 'the server is closing');
    if (stop.aborted) onStop();
    stop.addEventListener('abort', onStop, { once: true });
    this.#parts.watch.add(this);
    if (!this.#isNegotiating) this.#parts.onBegun?.();
    this.#advance(this.#begun);
    try {
      return await this.#over.promise;
    } finally {
      this.#parts.watch.remove(this);
      stop.removeEventListener('abort', onStop);
    }
  }

  /** What the client of this transfer says. */
  onPacket(packet: TftpPacket): void {
    if (this.#isOver) return;
    if (packet.kind === 'ack') {
      this.#onAck(packet.block);
    } else if (packet.kind === 'error') {
      if (this.#isNegotiating) this.#finish('probe');
      else this.#finish('aborted', `client said error ${packet.code} ${packet.message}`.trimEnd());
    }
  }

  onDeadline(): void {
    const now = this.#parts.clock.monotonic();
    const asked = this.#terms.retransmitAfter;
    if (now - this.#heardAt >= Math.max(patience, 3 * asked)) {
      this.#finish('timed-out', 'the client fell silent');
      return;
    }
    this.#timer.onSilence();
    this.#sendAgain(now);
  }

  /** The client asks once more: it has not heard the first answer, and knows sooner than our timer. */
  onRepeatedRequest(): void {
    const isFirst = this.#isNegotiating || (this.#terms.accepted.size === 0 && this.#window.acked === 0);
    if (isFirst && !this.#isOver) this.#sendAgain(this.#parts.clock.monotonic());
  }

  #sendAgain(now: Millis): void {
    this.#window = sendAgain(this.#window);
    this.#leftAt = now;
    this.#advance(now);
  }

  #onAck(block: number): void {
    const now = this.#parts.clock.monotonic();
    const before = this.#window;
    const isFirst = this.#isNegotiating && block === 0;
    const window = this.#isNegotiating ? undefined : afterAck(before, block);
    if (!isFirst && window === undefined) return;
    this.#heardAt = now;
    if (isFirst) {
      this.#isNegotiating = false;
      this.#parts.onBegun?.();
    }
    this.#window = window ?? before;
    if (!isFirst && this.#window.acked === before.acked && this.#window.sent === before.sent) return;
    if (this.#window.acked > before.resent.to) this.#timer.onAnswer(now - this.#leftAt);
    if (isComplete(this.#window)) {
      this.#finish('complete');
      return;
    }
    if (this.#window.sent === this.#window.acked) this.#leftAt = now;
    this.#advance(now);
  }

  /** Sends what may leave now, and sets the time by which an answer has to be here. */
  #advance(now: Millis): void {
    this.deadline = millis(now + this.#timer.wait);
    if (this.#isNegotiating) {
      this.#parts.send(encodeTftp({ kind: 'optionAck', options: this.#terms.accepted }));
      return;
    }
    const end = endOfWindow(this.#window);
    while (!this.#isReading && !this.#isOver && this.#window.sent < end) {
      const sent = this.#sendSome(end);
      if (sent === this.#window.sent) {
        this.#load(sent + 1);
        return;
      }
      this.#window = { ...this.#window, sent };
    }
  }

  /** Sends blocks behind the last one sent, as many as fit one call and are at hand; gives the last. */
  #sendSome(end: number): number {
    const { outbox } = this.#parts;
    const segmentBytes = headerBytes + this.#terms.blockSize;
    const most = Math.min(mostSegments, Math.floor(mostSegmentBytes / segmentBytes));
    const first = this.#window.sent + 1;
    const last = Math.min(end, first + most - 1);
    let filled = 0;
    let block = first;
    for (; block <= last; block += 1) {
      const data = this.#reader.take(block);
      if (data === undefined) break;
      outbox[filled] = 0;
      outbox[filled + 1] = opcode.data;
      outbox[filled + 2] = block >> 8;
      outbox[filled + 3] = block;
      outbox.set(data, filled + headerBytes);
      filled += headerBytes + data.length;
      if (block <= this.#highest) this.#resentBlocks += 1;
      else this.#highest = block;
    }
    if (filled > 0) this.#parts.sendSegments(outbox.subarray(0, filled), segmentBytes);
    return block - 1;
  }

  #load(block: number): void {
    this.#isReading = true;
    void this.#reader.load(block).then(
      () => {
        this.#isReading = false;
        if (!this.#isOver) this.#advance(this.#parts.clock.monotonic());
      },
      (thrown: unknown) => {
        const reason = thrown instanceof Error ? thrown.message : String(thrown);
        this.#parts.send(encodeTftp({ kind: 'error', code: tftpError.undefined, message: 'cannot read the file' }));
        this.#finish('failed', reason);
      },
    );
  }

  #finish(outcome: TransferEnd['outcome'], reason?: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { clock, file } = this.#parts;
    this.#over.resolve({
      outcome,
      ...(reason === undefined ? {} : { reason }),
      sentBytes: Math.min(this.#window.acked * this.#terms.blockSize, file.sizeBytes),
      duration: millis(clock.monotonic() - this.#begun),
      resentBlocks: this.#resentBlocks,
      terms: this.#terms,
    });
  }
}
