import { minutes } from '../../core/millis.ts';
import { blocked, done, type Step } from '../../core/step.ts';
import type { EtcdCluster } from '../etcd-cluster.ts';

/** One more control plane votes in etcd: it has joined as a learner by itself, and was promoted. */
export function joinMember(
  name: string,
  { after, ask }: { after: readonly string[]; ask: (signal: AbortSignal) => Promise<EtcdCluster> },
): Step {
  return {
    id: `join-etcd/${name}`,
    title: `${name} votes in etcd`,
    machine: name,
    after,
    timeout: minutes(30),
    async check(_past, signal) {
      const { members, problems } = await ask(signal);
      const member = members.find(({ hostname }) => hostname === name);
      if (member === undefined) return blocked('has not joined yet');
      if (member.isLearner) return blocked('is a learner');
      return problems.length === 0 ? done : blocked(problems.join('; '));
    },
  };
}
