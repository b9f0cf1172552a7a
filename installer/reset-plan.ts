import type { MachineSpec } from '../core/rack-spec.ts';
import type { Plan } from '../core/step.ts';
import type { UseKube } from './steps/check-kubernetes.ts';
import { type LeaveEtcd, leaveEtcd } from './steps/leave-etcd.ts';
import { cordonNode, deleteNode, drainNode } from './steps/leave-kubernetes.ts';
import { type ResetMachine, resetMachine } from './steps/reset-machine.ts';

export interface ResetSite {
  readonly entry: MachineSpec;
  readonly machine: Omit<ResetMachine, 'entry' | 'after'>;
  readonly etcd: Omit<LeaveEtcd, 'entry' | 'after'>;
  /** Absent when Kubernetes does not answer: then nobody can be moved away, and the plan does not say so. */
  readonly kube: UseKube | undefined;
}

/**
 * One machine back to maintenance mode: nobody is sent to it any more, its pods go elsewhere, etcd lets it go while there is a
 * majority without it, and only then is its disk wiped. In Talos' own graceful reset a drain that fails is only logged.
 */
export function resetPlan({ entry, machine, etcd, kube }: ResetSite): Plan {
  const { name } = entry;
  const away = kube === undefined ? [] : [cordonNode(entry, kube), drainNode(name, kube, [`cordon/${name}`])];
  const before = away.map(({ id }) => id).slice(-1);
  // Whatever its role in the rack file: the machine itself says whether it is a member.
  const leave = leaveEtcd({ ...etcd, entry, after: before });
  const reset = resetMachine({ ...machine, entry, after: [...before, leave.id] });
  return [...away, leave, reset, ...(kube === undefined ? [] : [deleteNode(name, kube, [reset.id])])];
}
