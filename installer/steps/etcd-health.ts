import { defineFault } from '../../core/fault.ts';
import { type Millis, minutes, seconds } from '../../core/millis.ts';
import type { Clock } from '../../core/ports.ts';
import { blocked, done, type Step } from '../../core/step.ts';
import type { EtcdCluster } from '../etcd-cluster.ts';

const etcdUnhealthy = defineFault<{ problems: readonly string[]; what: string }>('installer/etcd-unhealthy', {
  kind: 'operator',
  exitCode: 3,
  title: ({ problems }) => `etcd is not healthy: ${problems.join('; ')}`,
  state: ({ what }) => `${what} was not started: a cluster that has lost a member already could lose its majority.`,
  remedy: () => 'Mend what is named, and run the same command again.',
});

/** A machine that reboots, or a leader that changes, is no reason to refuse: it is looked at again for this long. */
const patience: Millis = seconds(60);

export interface EtcdHealth {
  readonly id: string;
  /** What comes after it, for the fault. */
  readonly what: string;
  readonly after: readonly string[];
  readonly ask: (signal: AbortSignal) => Promise<EtcdCluster>;
  readonly clock: Pick<Clock, 'monotonic'>;
}

/** All members of etcd answer, agree, have a leader and vote. Refuses, with all that is wrong, when that does not come. */
export function checkEtcdHealth({ id, what, after, ask, clock }: EtcdHealth): Step {
  let unhealthySince: Millis | undefined;
  return {
    id,
    title: 'etcd is healthy',
    after,
    timeout: minutes(5),
    async check(_past, signal) {
      const { members, problems } = await ask(signal);
      if (members.length > 0 && problems.length === 0) {
        unhealthySince = undefined;
        return done;
      }
      unhealthySince ??= clock.monotonic();
      if (clock.monotonic() - unhealthySince >= patience) throw etcdUnhealthy({ problems, what });
      return blocked(problems.join('; '));
    },
  };
}
