import type { Journal } from '../core/journal.ts';
import type { TalosObservation } from '../core/machine.ts';
import { installStepId } from './steps/install-machine.ts';
import { resetStepId } from './steps/reset-machine.ts';

/**
 * What a reset that was begun earlier, and not seen to end, means for a machine as it is now. `going-on`: what was approved then
 * is approved, and half of it may be done, since the machine is in the boot in which it was told, or in maintenance mode. `void`:
 * it was never told, or was installed again since, for a reset forgets the install before it tells the machine. `failed`: it
 * was told, and runs from its disk in another boot. `none`: there is no such reset.
 */
export function judgeEarlierReset(
  journal: Pick<Journal, 'pastOf'>,
  name: string,
  talos: Pick<TalosObservation, 'mode' | 'bootMark'> | undefined,
): 'none' | 'going-on' | 'void' | 'failed' {
  const { uncertain, memory } = journal.pastOf(resetStepId(name));
  if (!uncertain) return 'none';
  if (talos !== undefined && (talos.mode === 'maintenance' || memory?.['bootMark'] === talos.bootMark))
    return 'going-on';
  return journal.pastOf(installStepId(name)).confirmed ? 'void' : 'failed';
}
