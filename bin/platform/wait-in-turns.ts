import type { Endpoint } from '../../core/ports.ts';
import type { BatchReceiver } from './datagram-batch.ts';
import type { NativeWaits } from './native-sockets.ts';

/** How long nothing may come before Node waits alone; a peer in lock-step on a LAN answers sooner. Node's timers may be late by this. */
const patienceMillis = 4;
/** Then Node has its turn, whatever comes: what it hears of our sockets looks as if it had other work, so that it cannot be asked. */
const turnMillis = 1;
/** Turns of Node's without a datagram of ours; a peer that pauses is waited for by Node. */
const mostQuietTurns = 8;

type Heard = (bytes: Uint8Array, from: Endpoint) => void;

/**
 * Waits for the next datagrams of sockets whose peers answer at once, without a turn of Node's event loop for each: that is a
 * buffer of 64 KiB, a second system call that finds nothing, and a call into JavaScript with all that it does around it.
 * Node's own epoll (`uv_backend_fd`, made for this) is among what is waited for: whatever else comes ends the wait.
 * Node listens on these sockets too: what is not heard here it hears.
 */
export class WaitInTurns {
  readonly #native: NativeWaits;
  readonly #receiver: BatchReceiver;
  readonly #now: () => number;
  readonly #sockets = new Map<number, Heard>();
  #isWanted = false;
  #sent = 0;
  #quietTurns = 0;

  /** `now` in milliseconds. */
  constructor(native: NativeWaits, receiver: BatchReceiver, now = () => performance.now()) {
    this.#native = native;
    this.#receiver = receiver;
    this.#now = now;
  }

  add(descriptor: number, heard: Heard): void {
    if (this.#native.watch(descriptor)) this.#sockets.set(descriptor, heard);
  }

  /** Before the socket is closed. */
  remove(descriptor: number): void {
    if (this.#sockets.delete(descriptor)) this.#native.unwatch(descriptor);
  }

  /** Something left on one of the sockets. */
  onSent(): void {
    this.#sent += 1;
  }

  /** Node heard a datagram of one of the sockets: the next may come soon. */
  onHeard(): void {
    this.#quietTurns = 0;
    this.#want();
  }

  #want(): void {
    if (this.#isWanted || this.#sockets.size === 0) return;
    this.#isWanted = true;
    setImmediate(() => {
      this.#isWanted = false;
      if (this.#wait()) this.#want();
    });
  }

  /** Whether to wait again when Node has had its turn. */
  #wait(): boolean {
    const begun = this.#now();
    while (this.#now() - begun < turnMillis) {
      const ready = this.#native.wait(patienceMillis);
      if (ready.length === 0) return false;
      let isAnswered = true;
      let isHeard = false;
      for (const descriptor of ready) {
        const before = this.#sent;
        const heard = this.#sockets.get(descriptor);
        if (heard === undefined) continue;
        isHeard = true;
        this.#receiver.receive(descriptor, heard, () => !this.#sockets.has(descriptor));
        isAnswered &&= this.#sent > before;
      }
      this.#quietTurns = isHeard ? 0 : this.#quietTurns + 1;
      // What was not answered at once waits for something that only Node's turn brings, such as a read of the file.
      if (!isHeard || !isAnswered) return this.#quietTurns < mostQuietTurns;
    }
    return true;
  }
}
