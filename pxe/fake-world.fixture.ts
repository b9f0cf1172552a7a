import { setImmediate } from 'node:timers/promises';
import { type Millis, millis } from '../core/millis.ts';
import type {
  Clock,
  Endpoint,
  Files,
  HttpRequest,
  HttpResponse,
  Network,
  NetworkInterface,
  UdpOptions,
} from '../core/ports.ts';

export interface Datagram {
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly bytes: Uint8Array;
}

/** A network without wires: what is sent is kept, and a test hands datagrams and requests in. */
export class FakeNetwork implements Network {
  readonly sent: Datagram[] = [];
  readonly #open: { readonly local: Endpoint; readonly options: UdpOptions }[] = [];
  #answer: ((request: HttpRequest) => Promise<HttpResponse>) | undefined;
  #nextPort = 50_000;

  get openSockets(): readonly Endpoint[] {
    return this.#open.map(({ local }) => local);
  }

  links: NetworkInterface[] = [];

  interfaces() {
    return this.links;
  }

  async openUdp(options: UdpOptions) {
    const local = { address: options.address, port: options.port === 0 ? this.#nextPort++ : options.port };
    const row = { local, options };
    this.#open.push(row);
    return {
      local,
      send: (bytes: Uint8Array, to: Endpoint) => {
        this.sent.push({ from: local, to, bytes });
      },
      sendSegments: (bytes: Uint8Array, segmentBytes: number, to: Endpoint) => {
        for (let at = 0; at < bytes.length; at += segmentBytes) {
          this.sent.push({ from: local, to, bytes: bytes.slice(at, at + segmentBytes) });
        }
      },
      close: async () => {
        const at = this.#open.indexOf(row);
        if (at >= 0) this.#open.splice(at, 1);
      },
    };
  }

  async serveHttp(at: Endpoint, answer: (request: HttpRequest) => Promise<HttpResponse>) {
    this.#answer = answer;
    return {
      local: { ...at, port: at.port === 0 ? this.#nextPort++ : at.port },
      close: async () => {
        this.#answer = undefined;
      },
    };
  }

  deliver(bytes: Uint8Array, from: Endpoint, to: Endpoint): void {
    const socket = this.#open.find(({ local }) => local.address === to.address && local.port === to.port);
    socket?.options.onMessage(bytes, from);
  }

  async request(method: string, path: string): Promise<HttpResponse> {
    if (this.#answer === undefined) throw new Error('nobody listens');
    return this.#answer({ method, path, remoteAddress: '10.0.0.9', headers: {} });
  }
}

/** A clock that a test moves. */
export class FakeClock implements Clock {
  #now = 0;
  readonly #sleepers = new Set<{ readonly until: number; readonly wake: () => void }>();

  now(): never {
    throw new Error('the boot services need no wall clock');
  }

  monotonic(): Millis {
    return millis(this.#now);
  }

  sleep(span: Millis, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const sleeper = {
        until: this.#now + span,
        wake: () => {
          this.#sleepers.delete(sleeper);
          signal?.removeEventListener('abort', sleeper.wake);
          resolve();
        },
      };
      this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', sleeper.wake);
      if (signal?.aborted) sleeper.wake();
    });
  }

  /** Moves the time and lets everything run that was waiting for it. */
  async advance(span: Millis): Promise<void> {
    this.#now += span;
    for (const sleeper of [...this.#sleepers]) if (sleeper.until <= this.#now) sleeper.wake();
    await settle();
  }
}

/** Lets all promises come to rest that need no time. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await setImmediate();
}

/** Files that are only read; how many are open is kept. */
export class FakeFiles implements Files {
  readonly contents = new Map<string, Uint8Array>();
  readonly revisions = new Map<string, string>();
  openCount = 0;
  /** Ranges that were read, whichever way. */
  readonly reads: string[] = [];

  async open(path: string) {
    const content = this.contents.get(path);
    if (content === undefined) return undefined;
    this.openCount += 1;
    const revision = this.revisions.get(path);
    return {
      sizeBytes: content.length,
      ...(revision === undefined ? {} : { revision }),
      read: async (offset: number, length: number) => {
        this.reads.push(`${path} ${offset}+${length}`);
        return content.subarray(offset, offset + length);
      },
      async *stream(start: number, end: number) {
        yield content.subarray(start, end);
      },
      close: async () => {
        this.openCount -= 1;
      },
    };
  }

  readText = refused;
  mode = refused;
  makeDirectory = refused;
  appendDurably = refused;
  openAppend = refused;
  writeAtomically = refused;
  truncate = refused;
}

const refused = () => Promise.reject(new Error('the boot services only read'));
