import { type Millis, millis, seconds } from '../../core/millis.ts';
import type { Clock, ReadableFile } from '../../core/ports.ts';
import { BlockReader } from './block-reader.ts';
import { encodeTftp } from './encode-tftp.ts';
import { negotiateOptions, type TransferTerms } from './negotiate-options.ts';
import { type ReadRequest, type TftpPacket, tftpError } from './tftp-packet.ts';
import { afterAck, afterTimeout, endOfWindow, isComplete, openWindow, type TransferWindow } from './transfer-window.ts';

/** How a transfer ended. `probe`: the client wanted to know the size only, and said so with an ERROR after the OACK. */
export interface TransferEnd {
  readonly outcome: 'complete' | 'probe' | 'aborted' | 'timed-out' | 'failed';
  readonly sentBytes: number;
  readonly reason?: string;
}

/** Sent this often without an answer, the client is taken for gone: about half a minute with the first wait of one second. */
const attempts = 6;
/** Each wait is longer than the one before by this factor, up to `longestWait` or what the client asked for. */
const backoff = 1.7;
const longestWait = seconds(15);

/** Sends one file to one client (RFC 1350, 2347, 2348, 2349, 7440). It owns neither the socket nor the file. */
export class TftpTransfer {
  readonly #terms: TransferTerms;
  readonly #reader: BlockReader;
  readonly #sizeBytes: number;
  readonly #clock: Clock;
  readonly #send: (bytes: Uint8Array) => void;
  readonly #ended = new AbortController();
  #window: TransferWindow;
  #isNegotiating: boolean;
  #isReading = false;
  #attempt = 1;
  #deadline: Millis;
  #end: TransferEnd | undefined;

  constructor(parts: {
    request: ReadRequest;
    file: ReadableFile;
    clock: Clock;
    send: (bytes: Uint8Array) => void;
  }) {
    this.#terms = negotiateOptions(parts.request, parts.file.sizeBytes);
    this.#reader = new BlockReader(parts.file, this.#terms.blockSize);
    this.#sizeBytes = parts.file.sizeBytes;
    this.#clock = parts.clock;
    this.#send = parts.send;
    this.#window = openWindow(parts.file.sizeBytes, this.#terms.blockSize, this.#terms.windowSize);
    this.#isNegotiating = this.#terms.accepted.size > 0;
    this.#deadline = this.#nextDeadline();
  }

  /** Sends until all has arrived, the client breaks off or falls silent, or `stop` aborts. */
  async run(stop: AbortSignal): Promise<TransferEnd> {
    const left = AbortSignal.any([stop, this.#ended.signal]);
    const isOver = () => left.aborted;
    this.#advance();
    while (!isOver()) {
      await this.#clock.sleep(millis(Math.max(0, this.#deadline - this.#clock.monotonic())), left);
      if (!isOver() && this.#clock.monotonic() >= this.#deadline) this.#onTimeout();
    }
    return this.#end ?? { outcome: 'aborted', sentBytes: this.#arrivedBytes(), reason: 'the server is closing' };
  }

  /** What the client of this transfer says. */
  onPacket(packet: TftpPacket): void {
    if (this.#end !== undefined) return;
    if (packet.kind === 'error') {
      const reason = `client said error ${packet.code} ${packet.message}`.trimEnd();
      this.#finish(this.#isNegotiating ? { outcome: 'probe' } : { outcome: 'aborted', reason });
    } else if (packet.kind === 'ack') {
      this.#onAck(packet.block);
    }
  }

  #onAck(block: number): void {
    if (this.#isNegotiating) {
      if (block !== 0) return;
      this.#isNegotiating = false;
    } else {
      const window = afterAck(this.#window, block);
      if (window === undefined) return;
      this.#window = window;
      if (isComplete(window)) {
        this.#finish({ outcome: 'complete' });
        return;
      }
    }
    this.#attempt = 1;
    this.#advance();
  }

  #onTimeout(): void {
    if (this.#attempt >= attempts) {
      this.#finish({ outcome: 'timed-out', reason: 'the client fell silent' });
      return;
    }
    this.#attempt += 1;
    this.#window = afterTimeout(this.#window);
    this.#advance();
  }

  /** Sends what may leave now, and sets the time by which an answer has to be here. */
  #advance(): void {
    this.#deadline = this.#nextDeadline();
    if (this.#isNegotiating) {
      this.#send(encodeTftp({ kind: 'optionAck', options: this.#terms.accepted }));
      return;
    }
    while (!this.#isReading && this.#end === undefined && this.#window.sent < endOfWindow(this.#window)) {
      const block = this.#window.sent + 1;
      const data = this.#reader.take(block);
      if (data === undefined) {
        this.#load(block);
        return;
      }
      this.#send(encodeTftp({ kind: 'data', block: block & 0xffff, data }));
      this.#window = { ...this.#window, sent: block };
    }
  }

  #load(block: number): void {
    this.#isReading = true;
    void this.#reader
      .load(block)
      .catch((thrown: unknown) => {
        const reason = thrown instanceof Error ? thrown.message : String(thrown);
        this.#send(encodeTftp({ kind: 'error', code: tftpError.undefined, message: 'cannot read the file' }));
        this.#finish({ outcome: 'failed', reason });
      })
      .then(() => {
        this.#isReading = false;
        this.#advance();
      });
  }

  #nextDeadline(): Millis {
    const { retransmitAfter } = this.#terms;
    const grown = retransmitAfter * backoff ** (this.#attempt - 1);
    return millis(this.#clock.monotonic() + Math.min(grown, Math.max(retransmitAfter, longestWait)));
  }

  #arrivedBytes(): number {
    return Math.min(this.#window.acked * this.#terms.blockSize, this.#sizeBytes);
  }

  #finish(end: Omit<TransferEnd, 'sentBytes'>): void {
    if (this.#end !== undefined) return;
    this.#end = { ...end, sentBytes: this.#arrivedBytes() };
    this.#ended.abort();
  }
}
