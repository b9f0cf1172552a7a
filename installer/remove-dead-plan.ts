import type { MachineSpec } from '../core/rack-spec.ts';
import type { Plan } from '../core/step.ts';
import { reasonNotToForget } from './etcd-cluster.ts';
import type { UseKube } from './steps/check-kubernetes.ts';
import { type LeaveEtcd, leaveEtcd } from './steps/leave-etcd.ts';
import { deleteNode } from './steps/leave-kubernetes.ts';
import { noteRemoved } from './steps/note-removed.ts';
import { type ProveSilent, proveSilent } from './steps/prove-silent.ts';

export interface RemoveDeadSite {
  readonly entry: MachineSpec;
  readonly silence: Omit<ProveSilent, 'entry'>;
  readonly removed: { readonly isNoted: () => boolean; readonly note: () => Promise<void> };
  readonly etcd: Pick<LeaveEtcd, 'ask' | 'leave'>;
  readonly kube: UseKube;
}

/**
 * A machine that answers nobody, out of etcd and Kubernetes; nothing on its disk changes. Its member of etcd goes only while
 * every other member is well.
 */
export function removeDeadPlan({ entry, silence, removed, etcd, kube }: RemoveDeadSite): Plan {
  const { name } = entry;
  const silent = proveSilent({ ...silence, entry });
  const noted = noteRemoved(name, { ...removed, after: [silent.id] });
  const leave = leaveEtcd({
    ...etcd,
    entry,
    after: [noted.id],
    own: async () => ({ kind: 'unclear', reason: `${name} does not answer` }),
    reasonNotTo: (cluster, id) => reasonNotToForget(cluster, id),
  });
  return [silent, noted, leave, deleteNode(name, kube, [leave.id])];
}
