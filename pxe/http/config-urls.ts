import type { Emit } from '../../core/event.ts';
import type { Millis } from '../../core/millis.ts';
import type { Clock, HttpRequest, HttpResponse, Random } from '../../core/ports.ts';

const folder = '/config/';
/** As unguessable as a key of AES-192. */
const secretBytes = 24;

export interface ConfigOffer {
  /** The machine's address: nobody else gets it. */
  readonly address: string;
  /** Has secrets in it. */
  readonly config: string;
  readonly validFor: Millis;
}

interface Held extends ConfigOffer {
  readonly until: Millis;
  isLeaving: boolean;
}

/**
 * Machine configs at URLs that cannot be guessed, for one address, once: a config carries the keys of the cluster, and HTTP
 * hides nothing. It is used up when its last byte left; one that broke off may be fetched again. Whatever is wrong with a
 * request, the answer is 404, and neither events nor faults ever show the secret part of a URL.
 */
export class ConfigUrls {
  readonly #held = new Map<string, Held>();
  readonly #random: Random;
  readonly #clock: Pick<Clock, 'monotonic'>;

  constructor({ random, clock }: { random: Random; clock: Pick<Clock, 'monotonic'> }) {
    this.#random = random;
    this.#clock = clock;
  }

  /** The path at which this config can be fetched once, such as `/config/8Pq…`; to be put behind the origin of the boot service. */
  offer(offer: ConfigOffer): string {
    const now = this.#clock.monotonic();
    for (const [path, held] of this.#held) if (held.until <= now) this.#held.delete(path);
    const path = `${folder}${Buffer.from(this.#random.bytes(secretBytes)).toString('base64url')}`;
    this.#held.set(path, { ...offer, until: (now + offer.validFor) as Millis, isLeaving: false });
    return path;
  }

  /** Takes an offer back. */
  withdraw(path: string): void {
    this.#held.delete(path);
  }

  /** The answer to a request below `/config/`; `undefined` for all other paths. */
  answer(request: HttpRequest, emit: Emit): HttpResponse | undefined {
    if (!request.path.startsWith(folder)) return undefined;
    const held = this.#held.get(request.path);
    const refuse = (reason: string): HttpResponse => {
      emit({ type: 'packet.dropped', from: request.remoteAddress, reason });
      return { status: 404, headers: { 'Content-Length': '0' } };
    };
    if (held === undefined) return refuse('a config was asked for at a URL that is not, or no longer, valid');
    if (held.until <= this.#clock.monotonic()) {
      this.#held.delete(request.path);
      return refuse('a config was asked for too late');
    }
    if (request.remoteAddress !== held.address) {
      return refuse(`the config of the machine at ${held.address} was asked for by somebody else`);
    }
    if (held.isLeaving) return refuse(`the config of the machine at ${held.address} is being fetched already`);
    const body = new TextEncoder().encode(held.config);
    const headers = {
      'Content-Type': 'application/yaml',
      'Content-Length': String(body.length),
      'Cache-Control': 'no-store',
    };
    if (request.method === 'HEAD') return { status: 200, headers };
    if (request.method !== 'GET') return { status: 405, headers: { Allow: 'GET, HEAD', 'Content-Length': '0' } };
    held.isLeaving = true;
    return {
      status: 200,
      headers,
      body,
      onFinished: (sentBytes) => {
        held.isLeaving = false;
        const complete = sentBytes === body.length;
        if (complete) this.#held.delete(request.path);
        emit({
          type: 'file.served',
          address: request.remoteAddress,
          file: 'machine config',
          protocol: 'http',
          bytes: sentBytes,
          complete,
        });
      },
    };
  }
}
