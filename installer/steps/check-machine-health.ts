import { minutes } from '../../core/millis.ts';
import type { MachineSpec, RackSpec } from '../../core/rack-spec.ts';
import { blocked, done, type Step } from '../../core/step.ts';
import type { Vitals } from '../../talos/index.ts';
import type { FindMachine } from '../find-machine.ts';
import { problemsOf, unmetOf } from './judge-vitals.ts';

/** What runs on a machine, read by its own address. */
export type ReadVitals = (entry: MachineSpec, signal: AbortSignal) => Promise<Vitals>;

/**
 * One machine runs: Talos' own stage and conditions, its services, static pods and diagnostics, read by its own address.
 * Composed here instead of asking for Talos' cluster health, which waits for every node to be schedulable and so never
 * passes before a pod network exists, nor while somebody keeps a node cordoned.
 */
export function checkMachineHealth(
  entry: MachineSpec,
  { find, vitals, spec, after }: { find: FindMachine; vitals: ReadVitals; spec: RackSpec; after: readonly string[] },
): Step {
  return {
    id: `health/${entry.name}`,
    title: `${entry.name} is healthy`,
    machine: entry.name,
    after,
    timeout: minutes(30),
    async check(_past, signal) {
      const observation = await find(entry, signal);
      if (observation.mode !== 'configured') return blocked('is in maintenance mode');
      const { stage } = observation;
      const unmet = unmetOf(observation, spec);
      if (unmet.length > 0) return blocked(`${stage}; waits for ${unmet.join(', ')}`);
      if (stage !== 'running') return blocked(stage);
      const problems = problemsOf(await vitals(entry, signal), entry, spec);
      return problems.length === 0 ? done : blocked(problems.join('; '));
    },
  };
}
