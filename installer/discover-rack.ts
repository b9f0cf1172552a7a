import type { Millis } from '../core/millis.ts';
import type { Rack } from '../core/rack.ts';
import type { RackSpec } from '../core/rack-spec.ts';
import { discoveryPlan } from './discovery-plan.ts';
import type { OpenRack } from './open-rack.ts';
import { removedFinder } from './removed-machines.ts';
import { resolveMachine } from './resolve-machines.ts';
import { outcomeOf, type RunOutcome } from './run-outcome.ts';
import { installStepId } from './steps/install-machine.ts';

/**
 * Waits until every machine of the rack file is there and was read, and gives one moment of the rack in which they all
 * were; or how the run ended instead. Machines that do not concern the caller are not waited for.
 */
export async function discoverRack(
  open: OpenRack,
  timeout: Millis,
  concerns: (machine: string) => boolean = () => true,
): Promise<{ readonly rack: Rack } | { readonly early: RunOutcome }> {
  const { options, journal, watch } = open;
  const isUnderWay = (name: string) => journal.pastOf(installStepId(name)).uncertain;
  const discovery = discoveryPlan({
    ...options.rackFile,
    ...watch,
    isUnderWay,
    findRemoved: removedFinder(journal),
    timeout,
  }).filter(({ machine }) => machine === undefined || concerns(machine));
  for (;;) {
    const early = outcomeOf(await open.execute(discovery));
    if (early !== undefined) return { early };
    // One may fall silent while others are found.
    const rack = watch.rack();
    if (isWholeIn(options.rackFile.spec, rack, concerns)) return { rack };
  }
}

function isWholeIn(spec: RackSpec, rack: Rack, concerns: (machine: string) => boolean): boolean {
  return spec.machines.every((entry) => {
    if (!concerns(entry.name)) return true;
    const resolution = resolveMachine(entry, spec, rack);
    return resolution.kind === 'found' && resolution.machine.talos !== undefined;
  });
}
