import { maintenanceConfigName } from '../../core/boot-timeline.ts';
import type { Emit } from '../../core/event.ts';
import type { MacAddress } from '../../core/mac-address.ts';
import type { Millis } from '../../core/millis.ts';
import type { Clock, HttpRequest, HttpResponse, Random } from '../../core/ports.ts';

const folder = '/config/';
/** As unguessable as a key of AES-192. */
const secretBytes = 24;

export interface ConfigOffer {
  /** The machine: nobody else gets it. */
  readonly mac: MacAddress;
  readonly config: string;
  readonly validFor: Millis;
}

export interface ConfigAsk {
  readonly emit: Emit;
  /** The address that a machine has now. */
  readonly addressOf: (mac: MacAddress) => string | undefined;
}

interface Held extends ConfigOffer {
  readonly until: Millis;
  isLeaving: boolean;
}

/**
 * Configs at URLs that cannot be guessed, each for one machine, once. Which address that machine has is looked up when
 * it is asked for: firmware and Talos may have two. A config is used up when its last byte left; one that broke off may be
 * fetched again, and a newer offer for the same machine takes the place of the older one. Whatever is wrong with a request,
 * the answer is 404, with which Talos goes on without a config, and neither events nor faults ever show the secret part of a
 * URL. HTTP hides nothing on its way, so no config with keys in it may be offered here.
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
    for (const [path, held] of this.#held) {
      if (held.until <= now || (held.mac === offer.mac && !held.isLeaving)) this.#held.delete(path);
    }
    const path = `${folder}${Buffer.from(this.#random.bytes(secretBytes)).toString('base64url')}`;
    this.#held.set(path, { ...offer, until: (now + offer.validFor) as Millis, isLeaving: false });
    return path;
  }

  /** The answer to a request below `/config/`; `undefined` for all other paths. */
  answer(request: HttpRequest, { emit, addressOf }: ConfigAsk): HttpResponse | undefined {
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
    if (request.remoteAddress !== addressOf(held.mac)) {
      return refuse(`the config of ${held.mac} was asked for by somebody else`);
    }
    if (held.isLeaving) return refuse(`the config of ${held.mac} is being fetched already`);
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
          file: maintenanceConfigName,
          protocol: 'http',
          bytes: sentBytes,
          complete,
        });
      },
    };
  }
}
