import type { Endpoint } from '../../core/ports.ts';
import type { BatchReceiver } from './batch-receiver.ts';
import type { NativeWaits } from './native-sockets.ts';

/** How long nothing may come before Node waits alone; a peer in lock-step on a LAN answers sooner. Node's timers may be late by this. */
const patienceMillis = 1;
/** Then Node has its turn, whatever comes: what it hears of our sockets looks as if it had other work, so that it cannot be asked. */
const turnMillis = 1;
/** Turns of Node's without a datagram of ours; a peer that pauses is waited for by Node. */
const mostQuietTurns = 8;

interface Member {
  readonly onMessage: (bytes: Uint8Array, from: Endpoint) => void;
  /** As `UdpOptions.inTurns`. */
  readonly isDone: () => boolean;
}

/**
 * Waits for the next datagrams of sockets whose peers answer at once, without a turn of Node's event loop for each: that is a
 * buffer of 64 KiB, a second system call that finds nothing, and a call into JavaScript with all that it does around it.
 * Node's own epoll (`uv_backend_fd`, made for this) is among what is waited for: whatever else comes ends the wait, but for
 * what Node began to listen to in this very turn.
 * Node listens on these sockets too: what is not heard here it hears.
 */
export class WaitInTurns {
  readonly #native: NativeWaits;
  readonly #receiver: BatchReceiver;
  readonly #now: () => number;
  readonly #sockets = new Map<number, Member>();
  #isWanted = false;
  #quietTurns = 0;

  /** `now` in milliseconds. */
  constructor(native: NativeWaits, receiver: BatchReceiver, now = () => performance.now()) {
    this.#native = native;
    this.#receiver = receiver;
    this.#now = now;
  }

  add(descriptor: number, member: Member): void {
    if (this.#native.watch(descriptor)) this.#sockets.set(descriptor, member);
  }

  /** Before the socket is closed. */
  remove(descriptor: number): void {
    if (this.#sockets.delete(descriptor)) this.#native.unwatch(descriptor);
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
    while (this.#sockets.size > 0 && this.#now() - begun < turnMillis) {
      const ready = this.#native.wait(patienceMillis);
      if (ready.length === 0) return false;
      let isDone = true as boolean;
      let isHeard = false;
      for (const descriptor of ready) {
        const member = this.#sockets.get(descriptor);
        if (member === undefined) continue;
        isHeard = true;
        const onMessage = (bytes: Uint8Array, from: Endpoint) => {
          member.onMessage(bytes, from);
          isDone &&= member.isDone();
        };
        this.#receiver.receive(descriptor, onMessage, () => !this.#sockets.has(descriptor));
      }
      this.#quietTurns = isHeard ? 0 : this.#quietTurns + 1;
      // What was put off waits for something that only Node's turn brings, such as a read of the file.
      if (!isHeard || !isDone) return this.#quietTurns < mostQuietTurns;
    }
    return true;
  }
}
