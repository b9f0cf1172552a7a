import { defineFault } from '../../core/fault.ts';
import { minutes } from '../../core/millis.ts';
import type { MachineSpec } from '../../core/rack-spec.ts';
import { done, type Step, todo } from '../../core/step.ts';
import { type EtcdCluster, reasonNotToRemove } from '../etcd-cluster.ts';

const quorumInDanger = defineFault<{ name: string; reason: string }>('installer/quorum-in-danger', {
  kind: 'operator',
  exitCode: 3,
  title: ({ name, reason }) => `${name} may not leave etcd now: ${reason}`,
  state: ({ name }) => `${name} is still a member, and nothing on its disk was touched.`,
  remedy: () => 'Bring the members that are named back first, then run the same command again.',
});

const etcdSilent = defineFault<{ problems: readonly string[] }>('installer/etcd-silent', {
  kind: 'environment',
  title: ({ problems }) => `Nobody says who is a member of etcd: ${problems.join('; ')}`,
  state: () => 'Nothing was changed.',
  remedy: () => 'Wait for the control planes, then run the same command again.',
});

export interface LeaveEtcd {
  readonly entry: MachineSpec;
  readonly after: readonly string[];
  readonly ask: (signal: AbortSignal) => Promise<EtcdCluster>;
  /** Lets the machine hand over and leave; a member whose machine is silent is removed by its id, by another one. */
  readonly leave: (member: EtcdCluster['members'][number], signal: AbortSignal) => Promise<void>;
}

/** A control plane is no member of etcd any more. Never while that could cost the others their majority. */
export function leaveEtcd({ entry: { name }, after, ask, leave }: LeaveEtcd): Step {
  const look = async (signal: AbortSignal) => {
    const cluster = await ask(signal);
    if (cluster.members.length === 0) throw etcdSilent({ problems: cluster.problems });
    const member = cluster.members.find(({ hostname }) => hostname === name);
    const reason = member === undefined ? undefined : reasonNotToRemove(cluster, name);
    if (reason !== undefined) throw quorumInDanger({ name, reason });
    return member;
  };
  return {
    id: `leave-etcd/${name}`,
    title: `${name} leaves etcd`,
    machine: name,
    after,
    timeout: minutes(10),
    check: async (_past, signal) =>
      (await look(signal)) === undefined ? done : todo('is a member, and the others have a majority without it'),
    async apply(signal) {
      const member = await look(signal);
      if (member !== undefined) await leave(member, signal);
    },
  };
}
