import { minutes } from '../../core/millis.ts';
import { done, type Step, todo } from '../../core/step.ts';

/**
 * The machine is remembered as removed: it is not installed any more, may leave the rack file, and gets nothing to boot until
 * somebody has seen that its disk is empty. Before etcd and Kubernetes forget it, so that it never comes back unnoticed.
 */
export function noteRemoved(
  name: string,
  { isNoted, note, after }: { isNoted: () => boolean; note: () => Promise<void>; after: readonly string[] },
): Step {
  return {
    id: `quarantine/${name}`,
    title: `${name} may not come back as it is`,
    machine: name,
    after,
    timeout: minutes(1),
    check: async () => (isNoted() ? done : todo('counts as installed')),
    apply: note,
  };
}
