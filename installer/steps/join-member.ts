import { minutes } from '../../core/millis.ts';
import { blocked, done, type Step } from '../../core/step.ts';
import type { EtcdCluster } from '../etcd-cluster.ts';

interface JoinMember {
  readonly after: readonly string[];
  readonly ask: (signal: AbortSignal) => Promise<EtcdCluster>;
  /** Whether the cluster has to be well with it, too; a gate that comes after asks that of the others. */
  readonly isLast?: boolean;
}

/** A control plane votes in etcd: it has joined as a learner by itself, and was promoted. */
export function joinMember(name: string, { after, ask, isLast = true }: JoinMember): Step {
  return {
    id: `join-etcd/${name}`,
    title: `${name} votes in etcd`,
    machine: name,
    after,
    timeout: minutes(isLast ? 30 : 10),
    async check(_past, signal) {
      const { members, problems } = await ask(signal);
      const own = members.filter(({ hostname }) => hostname === name);
      if (own.length === 0) return blocked('has not joined yet');
      if (own.every(({ isLearner }) => isLearner)) return blocked('is a learner');
      return problems.length === 0 || !isLast ? done : blocked(problems.join('; '));
    },
  };
}
