import { minutes } from '../../core/millis.ts';
import type { MachineSpec } from '../../core/rack-spec.ts';
import { blocked, done, type Step, todo } from '../../core/step.ts';
import { bootstrapMachineGone, etcdElsewhere } from '../installer-faults.ts';

/** What one control plane says of etcd. */
export type EtcdView =
  /** Its etcd waits to be bootstrapped or to join: it has no data. */
  | { readonly kind: 'waiting' }
  | { readonly kind: 'member'; readonly members: readonly EtcdMember[] }
  /** Neither is certain (yet). */
  | { readonly kind: 'unclear'; readonly reason: string };

export interface EtcdMember {
  readonly hostname: string;
  readonly isLearner: boolean;
}

export interface BootstrapEtcd {
  readonly controlPlanes: readonly MachineSpec[];
  readonly after: readonly string[];
  readonly askEtcd: (entry: MachineSpec, signal: AbortSignal) => Promise<EtcdView>;
  readonly bootstrap: (entry: MachineSpec, signal: AbortSignal) => Promise<void>;
}

/**
 * etcd begins on one control plane, once in the life of the cluster. The machine on which it was begun is remembered
 * before it is told, and it alone is ever told again; Talos refuses a second bootstrap of a machine that has data, so
 * only two machines could make two clusters. Hence every control plane must answer, and none may be a member of
 * anything, before the first is told.
 */
export function bootstrapEtcd({ controlPlanes, after, askEtcd, bootstrap }: BootstrapEtcd): Step {
  let [chosen] = controlPlanes;

  return {
    id: 'bootstrap-etcd',
    title: `Bootstrap etcd on ${chosen?.name ?? 'no machine'}`,
    ...(chosen === undefined ? {} : { machine: chosen.name }),
    after,
    timeout: minutes(15),
    once: true,
    async check(past, signal) {
      const views = await Promise.all(
        controlPlanes.map(async (entry) => ({ entry, view: await askEtcd(entry, signal) })),
      );
      const other = views.find(({ view }) => view.kind === 'member');
      // It lives on where it has members, also when the machine on which it began is another one now.
      if (past.confirmed && other !== undefined) return done;
      const told = past.memory?.['machine'];
      const toldEntry = controlPlanes.find((entry) => entry.name === told);
      if (told !== undefined && toldEntry === undefined) {
        const unclear = views.find(({ view }) => view.kind === 'unclear');
        if (past.confirmed && unclear?.view.kind === 'unclear')
          return blocked(`${unclear.entry.name}: ${unclear.view.reason}`);
        throw bootstrapMachineGone({ machine: told });
      }
      chosen = toldEntry ?? controlPlanes[0];
      if (chosen === undefined) return blocked('the rack file has no control plane');
      const own = views.find(({ entry }) => entry === chosen)?.view;
      if (own?.kind === 'member') return done;
      if (own?.kind === 'unclear') return blocked(`${chosen.name}: ${own.reason}`);
      if (other !== undefined && told === undefined) {
        throw etcdElsewhere({ machine: other.entry.name, chosen: chosen.name });
      }
      if (other !== undefined)
        return blocked(`etcd on ${chosen.name} is starting; ${other.entry.name} is a member already`);
      for (const { entry, view } of views) {
        if (view.kind === 'unclear') return blocked(`${entry.name}: ${view.reason}`);
      }
      return todo(`etcd on ${chosen.name} waits for its first member`, {
        memory: { machine: chosen.name },
        untouched: true,
      });
    },
    async apply(signal) {
      if (chosen !== undefined) await bootstrap(chosen, signal);
    },
  };
}

/** All control planes are voting members of the one etcd cluster. */
export function joinEtcd({ controlPlanes, after, askEtcd }: Omit<BootstrapEtcd, 'bootstrap'>): Step {
  return {
    id: 'join-etcd',
    title: `All ${controlPlanes.length} control planes vote in etcd`,
    after,
    timeout: minutes(30),
    async check(_past, signal) {
      for (const entry of controlPlanes) {
        const view = await askEtcd(entry, signal);
        if (view.kind === 'waiting') return blocked(`${entry.name} waits to join`);
        if (view.kind === 'unclear') return blocked(`${entry.name}: ${view.reason}`);
        const learner = view.members.find((member) => member.isLearner);
        if (learner !== undefined) return blocked(`${learner.hostname} is still a learner`);
        const voters = view.members.map((member) => member.hostname).toSorted();
        const expected = controlPlanes.map((one) => one.name).toSorted();
        if (voters.join() !== expected.join()) {
          return blocked(`${entry.name} sees ${voters.join(', ') || 'no members'}; expected ${expected.join(', ')}`);
        }
      }
      return done;
    },
  };
}
