import { minutes } from '../../core/millis.ts';
import { blocked, done, type Step } from '../../core/step.ts';
import type { EtcdCluster } from '../etcd-cluster.ts';

/** All members of a new etcd answer, agree on who is one, have a leader and raise no alarm. It is waited for. */
export function checkEtcd({
  ask,
  after,
}: {
  ask: (signal: AbortSignal) => Promise<EtcdCluster>;
  after: readonly string[];
}): Step {
  return {
    id: 'etcd-health',
    title: 'etcd is healthy',
    after,
    timeout: minutes(10),
    async check(_past, signal) {
      const { problems } = await ask(signal);
      return problems.length === 0 ? done : blocked(problems.join('; '));
    },
  };
}
