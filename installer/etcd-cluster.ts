import { faultFrom } from '../core/fault.ts';
import type { MachineSpec } from '../core/rack-spec.ts';
import type { TalosClient } from '../talos/index.ts';

/** etcd as its members describe it together. */
export interface EtcdCluster {
  readonly members: readonly EtcdClusterMember[];
  /** What is not as it should be, in words; empty when all is well. */
  readonly problems: readonly string[];
}

export interface EtcdClusterMember {
  readonly id: bigint;
  readonly hostname: string;
  readonly isLearner: boolean;
  /** It answers, knows its leader and reports no error. */
  readonly isHealthy: boolean;
}

export type AskTalos = <T>(entry: MachineSpec, use: (client: EtcdClient) => Promise<T>) => Promise<T>;
type EtcdClient = Pick<TalosClient, 'etcdMembers' | 'etcdStatus' | 'etcdAlarms'>;

/** Asks every control plane by its own address what it says of the cluster; they have to agree. */
export async function askEtcdCluster(
  controlPlanes: readonly MachineSpec[],
  talos: AskTalos,
  signal: AbortSignal,
): Promise<EtcdCluster> {
  const views = await Promise.all(
    controlPlanes.map((entry) =>
      talos(entry, async (client) => {
        const members = await client.etcdMembers({ signal, local: true });
        const [{ leader, errors }, alarms] = await Promise.all([
          client.etcdStatus({ signal }),
          client.etcdAlarms({ signal }),
        ]);
        const problems = [
          ...(leader === undefined ? ['knows no leader'] : []),
          ...errors.map((error) => `reports ${error}`),
          ...alarms.filter(({ alarm }) => alarm !== 'NONE').map(({ alarm }) => `raises the alarm ${alarm}`),
        ];
        return { entry, members, problems: problems.map((problem) => `etcd on ${entry.name} ${problem}`) };
      }).catch((thrown: unknown) => ({ entry, members: undefined, problems: [faultFrom(thrown).message] })),
    ),
  );
  const [first, ...others] = views.flatMap(({ members }) => (members === undefined ? [] : [members]));
  if (first === undefined) return { members: [], problems: views.flatMap(({ problems }) => problems) };
  const listOf = (members: typeof first) =>
    members
      .map(({ id, isLearner }) => `${id} ${isLearner}`)
      .toSorted()
      .join();
  const healthy = new Set(
    views.flatMap(({ entry, members, problems }) => (members && problems.length === 0 ? [entry.name] : [])),
  );
  const isMember = (name: string) => first.some(({ hostname }) => hostname === name);
  return {
    members: first.map(({ id, hostname, isLearner }) => ({
      id,
      hostname,
      isLearner,
      isHealthy: healthy.has(hostname),
    })),
    problems: [
      ...views.filter(({ entry }) => isMember(entry.name)).flatMap(({ problems }) => problems),
      ...(others.every((one) => listOf(one) === listOf(first)) ? [] : ['its members do not agree on who is a member']),
      ...first.filter(({ isLearner }) => isLearner).map(({ hostname }) => `${hostname} is still a learner`),
      ...first
        .filter(({ hostname }) => !controlPlanes.some(({ name }) => name === hostname))
        .map(({ hostname }) => `${hostname || 'a member without a name'} is no control plane of the rack file`),
    ],
  };
}

/**
 * Why a member may not be taken away now, in words; `undefined` when it may. The removal itself needs a majority of those
 * who vote now, and those who are left need one among themselves.
 */
export function reasonNotToRemove({ members }: EtcdCluster, hostname: string): string | undefined {
  const voters = members.filter(({ isLearner }) => !isLearner);
  const healthy = voters.filter(({ isHealthy }) => isHealthy);
  const remaining = healthy.filter((member) => member.hostname !== hostname);
  const learner = members.find((member) => member.isLearner && member.hostname !== hostname);
  if (learner !== undefined) return `${learner.hostname} is still joining`;
  if (voters.every((member) => member.hostname === hostname)) return `${hostname} is the last member of etcd`;
  if (healthy.length < majorityOf(voters.length)) {
    return `only ${healthy.length} of ${voters.length} members are healthy, and ${majorityOf(voters.length)} have to agree`;
  }
  if (remaining.length < majorityOf(voters.length - 1)) {
    return `of the ${voters.length - 1} members that are left only ${remaining.length} would be healthy`;
  }
  return undefined;
}

const majorityOf = (count: number) => Math.floor(count / 2) + 1;
