import { create, type DescMessage, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import type { Clock } from '../../core/ports.ts';
import { type Event, EventSchema } from '../../talos/gen/machine/event_pb.ts';
import type { MessageQueue } from './message-queue.ts';
import type { SeededRandom } from './seeded-random.ts';

/** How many events Talos keeps. */
const capacity = 1000;

export interface EventsWish {
  /** How many of the kept events come first; negative: all of them. */
  readonly tailEvents: number;
  /** Begin after the event with this id. */
  readonly tailId: string;
  readonly tailSeconds: number;
  readonly withActorId: string;
}

/** The events of one boot. They are gone with it. */
export class NodeEvents {
  readonly #clock: Clock;
  readonly #random: SeededRandom;
  readonly #kept: { readonly event: Event; readonly at: number }[] = [];
  readonly #listeners = new Set<(event: Event) => void>();
  #count = 0n;
  readonly #origin: bigint;

  constructor({ clock, random }: { readonly clock: Clock; readonly random: SeededRandom }) {
    this.#clock = clock;
    this.#random = random;
    this.#origin = random.uint64() & 0xff_ffff_ffffn;
  }

  /** Marks what one call causes. */
  newActor(): string {
    const hex = Buffer.from(this.#random.bytes(16)).toString('hex');
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
  }

  publish<Payload extends DescMessage>(schema: Payload, payload: MessageInitShape<Payload>, actorId = ''): void {
    const at = this.#clock.now().getTime();
    const event = create(EventSchema, {
      data: { typeUrl: `talos/runtime/${schema.typeName}`, value: toBinary(schema, create(schema, payload)) },
      id: this.#newId(at),
      actorId,
    });
    this.#kept.push({ event, at });
    if (this.#kept.length > capacity) this.#kept.shift();
    for (const listener of this.#listeners) listener(event);
  }

  /** The hello, then what is kept as far as it is wanted, then everything that happens until the queue's owner leaves. */
  follow(wish: EventsWish, queue: MessageQueue<Event>): () => void {
    const isWanted = ({ actorId }: Event) => wish.withActorId === '' || actorId === wish.withActorId;
    queue.put(create(EventSchema, { data: {} }));
    for (const event of this.#tail(wish)) if (isWanted(event)) queue.put(event);
    const listener = (event: Event) => {
      if (isWanted(event)) queue.put(event);
    };
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tail({ tailEvents, tailId, tailSeconds }: EventsWish): readonly Event[] {
    const events = this.#kept.map(({ event }) => event);
    if (tailId !== '') return events.filter(({ id }) => id > tailId);
    if (tailSeconds > 0) {
      const since = this.#clock.now().getTime() - tailSeconds * 1000;
      return this.#kept.filter(({ at }) => at >= since).map(({ event }) => event);
    }
    return tailEvents < 0 ? events : events.slice(events.length - Math.min(tailEvents, events.length));
  }

  /** An xid: 12 bytes (seconds, who, a counter) in 20 characters that sort as the bytes do. */
  #newId(at: number): string {
    const seconds = BigInt(Math.floor(at / 1000)) & 0xffff_ffffn;
    this.#count += 1n;
    return ((((seconds << 40n) | this.#origin) << 28n) | (this.#count << 4n)).toString(32).padStart(20, '0');
  }
}
