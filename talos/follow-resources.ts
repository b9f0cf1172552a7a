import { faultFrom } from '../core/fault.ts';
import { seconds } from '../core/millis.ts';
import type { Clock } from '../core/ports.ts';
import type { CosiEvent } from './cosi-event.ts';
import type { CosiResource } from './cosi-resource.ts';

export type FollowEvent =
  | CosiEvent
  /** The watch broke off, as at a reboot, and is begun anew; what is told next is told as a change of what was known. */
  | { readonly type: 'interrupted'; readonly reason: string }
  /** This Talos has no such type. The last event. */
  | { readonly type: 'not-supported' };

/** Between the end of a watch and the next try. */
const pause = seconds(2);

/**
 * One watch after the other as a single one, which is what `cosiFollow` promises: begun anew after each break, compared
 * with what was known before it.
 */
export async function* followResources(
  watch: (options: { signal: AbortSignal }) => AsyncIterable<CosiEvent>,
  { clock, signal }: { clock: Pick<Clock, 'sleep'>; signal: AbortSignal },
): AsyncGenerator<FollowEvent, void, undefined> {
  const known = new Map<string, string>();
  const isOver = () => signal.aborted;
  while (!isOver()) {
    const toldAnew = new Set<string>();
    let isBootstrapped = false;
    try {
      for await (const event of watch({ signal })) {
        switch (event.type) {
          case 'created':
          case 'updated': {
            const { resource } = event;
            const before = known.get(resource.id);
            toldAnew.add(resource.id);
            known.set(resource.id, markOf(resource));
            if (before === undefined) yield { type: 'created', resource };
            else if (before !== markOf(resource)) yield { type: 'updated', resource };
            break;
          }
          case 'destroyed':
            toldAnew.delete(event.id);
            if (known.delete(event.id)) yield event;
            break;
          case 'bootstrapped':
            isBootstrapped = true;
            for (const id of known.keys()) {
              if (toldAnew.has(id)) continue;
              known.delete(id);
              yield { type: 'destroyed', id };
            }
            yield event;
            break;
        }
      }
      if (isOver()) return;
      yield { type: 'interrupted', reason: isBootstrapped ? 'the machine ended the watch' : 'it ended early' };
    } catch (thrown) {
      if (isOver()) return;
      const fault = faultFrom(thrown);
      if (fault.code === 'talos/not-supported') {
        yield { type: 'not-supported' };
        return;
      }
      if (fault.kind !== 'environment') throw fault;
      yield { type: 'interrupted', reason: fault.message };
    }
    await clock.sleep(pause, signal);
  }
}

/** Versions begin at 1 again with each boot; the time of creation tells the boots apart. */
const markOf = ({ version, created, phase }: CosiResource): string => `${created} ${version} ${phase}`;
