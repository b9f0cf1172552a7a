import { describe, expect, it } from 'vitest';
import { type Event, TaskEventSchema } from '../../talos/gen/machine/event_pb.ts';
import { VirtualClock } from '../fakes/virtual-clock.ts';
import { MessageQueue } from './message-queue.ts';
import { type EventsWish, NodeEvents } from './node-events.ts';
import { seededRandom } from './seeded-random.ts';

const nothing: EventsWish = { tailEvents: 0, tailId: '', tailSeconds: 0, withActorId: '' };

function started() {
  const events = new NodeEvents({ clock: new VirtualClock(), random: seededRandom('events') });
  /** The ids that come first, without the hello. */
  const tail = async (wish: Partial<EventsWish>) => {
    const queue = new MessageQueue<Event>();
    events.follow({ ...nothing, ...wish }, queue)();
    queue.close();
    const [hello, ...rest] = await Array.fromAsync(queue);
    expect(hello?.data?.typeUrl).toBe('');
    return rest.map(({ id }) => id);
  };
  const publish = (count: number, actorId = '') => {
    for (let left = count; left > 0; left -= 1) events.publish(TaskEventSchema, { task: 'x' }, actorId);
  };
  return { events, tail, publish };
}

describe('the events of a boot', () => {
  it('keeps the last thousand, under ids that grow', async () => {
    const { tail, publish } = started();
    publish(1002);
    const all = await tail({ tailEvents: -1 });
    expect(all).toHaveLength(1000);
    expect(all).toEqual([...all].sort());
    expect(new Set(all.map((id) => id.length))).toEqual(new Set([20]));
    expect(await tail({ tailEvents: 2 })).toEqual(all.slice(-2));
    expect(await tail({ tailId: all[996] ?? '' })).toEqual(all.slice(997));
    expect(await tail({})).toEqual([]);
  });

  it('goes on with what happens, of one actor if that is wanted', async () => {
    const { events, publish } = started();
    publish(1, 'other');
    const queue = new MessageQueue<Event>();
    const stop = events.follow({ ...nothing, tailEvents: -1, withActorId: 'me' }, queue);
    publish(1, 'other');
    publish(1, 'me');
    stop();
    publish(1, 'me');
    queue.close();
    expect((await Array.fromAsync(queue)).map(({ actorId }) => actorId)).toEqual(['', 'me']);
  });
});
