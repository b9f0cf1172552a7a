import { minutes } from '../../core/millis.ts';
import type { MachineSpec, RackSpec } from '../../core/rack-spec.ts';
import { blocked, done, type Step } from '../../core/step.ts';
import type { FindMachine } from '../find-machine.ts';

/** Until Flux has installed the pod network no node can be Ready, so Talos' nodeReady condition is not waited for. */
const conditionsOfFlux = ['nodeReady'];

/**
 * One machine runs: Talos' own stage and conditions, read by its own address. Composed here instead of asking for
 * Talos' cluster health, which waits for every node to be schedulable and so never passes before a pod network exists.
 */
export function checkMachineHealth(
  entry: MachineSpec,
  { find, spec, after }: { find: FindMachine; spec: RackSpec; after: readonly string[] },
): Step {
  return {
    id: `health/${entry.name}`,
    title: `${entry.name} is healthy`,
    machine: entry.name,
    after,
    timeout: minutes(30),
    async check(_past, signal) {
      const { mode, stage, unmetConditions } = await find(entry, signal);
      if (mode !== 'configured') return blocked('is in maintenance mode');
      const unmet = unmetConditions.filter((condition) => {
        const [name = condition] = condition.split(':');
        if (spec.cluster.cni === 'none' && conditionsOfFlux.includes(name)) return false;
        return spec.network.gateway !== undefined || !/^network: waiting on: connectivity$/.test(condition);
      });
      if (unmet.length > 0) return blocked(`${stage}; waits for ${unmet.join(', ')}`);
      return stage === 'running' ? done : blocked(stage);
    },
  };
}
