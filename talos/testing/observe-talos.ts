import type { TalosObservation } from '../../core/machine.ts';
import type { TalosTarget } from '../open-channel.ts';
import { openReading } from '../open-reading.ts';

/** One reading over a connection of its own. */
export async function observeTalos(
  target: TalosTarget & { signal?: AbortSignal; before?: TalosObservation | undefined },
): Promise<TalosObservation> {
  const { signal, before, ...where } = target;
  const options = signal === undefined ? {} : { signal };
  const reading = await openReading(where, options);
  return reading.read(before, options).finally(() => reading.close());
}
