import { faultFrom } from '../core/fault.ts';
import type { MachineSpec } from '../core/rack-spec.ts';
import type { TalosClient } from '../talos/index.ts';

/** etcd as its members describe it together. */
export interface EtcdCluster {
  readonly members: readonly EtcdClusterMember[];
  /** What is not as it should be, in words; empty when all is well. */
  readonly problems: readonly string[];
  /** Those of the problems that leave open who is a member: nobody may be taken away while there are any. */
  readonly doubts: readonly string[];
}

export interface EtcdClusterMember {
  readonly id: bigint;
  /** Its name in the rack file as far as it can be told, else what it calls itself. */
  readonly hostname: string;
  readonly isLearner: boolean;
  /** The member with this id answers, knows its leader and reports no error. */
  readonly isHealthy: boolean;
  /** The machine says itself that it is this member. */
  readonly isTold: boolean;
}

export type AskTalos = <T>(entry: MachineSpec, use: (client: EtcdClient) => Promise<T>) => Promise<T>;
type EtcdClient = Pick<TalosClient, 'etcdMembers' | 'etcdStatus' | 'etcdAlarms'>;

/**
 * Asks control planes, each at its own address, what they say of the cluster; they have to agree. Who is healthy is told by the
 * member's id: a name may be that of a dead member and of a living one. Of `known`, all control planes of the rack file, those
 * are asked too that are listed as members.
 */
export async function askEtcdCluster(
  controlPlanes: readonly MachineSpec[],
  talos: AskTalos,
  signal: AbortSignal,
  known: readonly MachineSpec[] = controlPlanes,
): Promise<EtcdCluster> {
  const views = await askAll(controlPlanes, talos, signal);
  const listed = views.flatMap(({ members = [] }) => members);
  const asked = new Set(controlPlanes.map(({ name }) => name));
  const others = known.filter((entry) => !asked.has(entry.name) && listed.some((member) => mayBe(member, entry)));
  return describe([...views, ...(await askAll(others, talos, signal))], known);
}

type Member = Awaited<ReturnType<EtcdClient['etcdMembers']>>[number];
interface View {
  readonly entry: MachineSpec;
  readonly members: readonly Member[] | undefined;
  readonly id?: bigint;
  readonly problems: readonly string[];
}

const askAll = (entries: readonly MachineSpec[], talos: AskTalos, signal: AbortSignal): Promise<View[]> =>
  Promise.all(
    entries.map((entry) =>
      talos(entry, async (client): Promise<View> => {
        const members = await client.etcdMembers({ signal, local: true });
        // Without a majority a member still says who is one, and what needs the others is not answered.
        const [status, alarms] = await Promise.all([
          client.etcdStatus({ signal }).catch(faultFrom),
          client.etcdAlarms({ signal }).catch(faultFrom),
        ]);
        const problems = [
          ...('message' in status ? [`says nothing of itself: ${status.message}`] : problemsOf(status)),
          ...('message' in alarms
            ? [`does not answer what needs a majority: ${alarms.message}`]
            : alarms.filter(({ alarm }) => alarm !== 'NONE').map(({ alarm }) => `raises the alarm ${alarm}`)),
        ].map((problem) => `etcd on ${entry.name} ${problem}`);
        return { entry, members, problems, ...('message' in status ? {} : { id: status.memberId }) };
      }).catch((thrown: unknown) => ({ entry, members: undefined, problems: [faultFrom(thrown).message] })),
    ),
  );

const problemsOf = ({ leader, errors }: Awaited<ReturnType<EtcdClient['etcdStatus']>>): readonly string[] => [
  ...(leader === undefined ? ['knows no leader'] : []),
  ...errors.map((error) => `reports ${error}`),
];

function describe(views: readonly View[], known: readonly MachineSpec[]): EtcdCluster {
  const [first, ...others] = views.flatMap(({ members }) => (members === undefined ? [] : [members]));
  if (first === undefined) {
    const problems = views.flatMap(({ problems: some }) => some);
    return { members: [], problems, doubts: problems };
  }
  const listOf = (members: readonly Member[]) =>
    members
      .map(({ id, isLearner }) => `${id} ${isLearner}`)
      .toSorted()
      .join();
  const viewOf = (member: Member) => views.find(({ id }) => id === member.id);
  const nameOf = (member: Member) =>
    viewOf(member)?.entry.name ?? known.find((entry) => mayBe(member, entry))?.name ?? member.hostname;
  const isMember = ({ id, entry }: View) => first.some((one) => (id === undefined ? mayBe(one, entry) : one.id === id));
  const doubts = [
    ...(others.every((one) => listOf(one) === listOf(first)) ? [] : ['its members do not agree on who is a member']),
    ...first.flatMap((member) => {
      const { hostname } = member;
      const told = viewOf(member)?.entry.name;
      if (told !== undefined && hostname !== '' && hostname !== told) {
        return [`${told} calls itself ${hostname} in etcd, which is no control plane of the rack file`];
      }
      if (told !== undefined || known.some((entry) => mayBe(member, entry))) return [];
      return [`${hostname || 'a member without a name'} is no control plane of the rack file`];
    }),
  ];
  const isDouble = (member: Member) =>
    viewOf(member) === undefined && views.some(({ id, entry }) => id !== undefined && mayBe(member, entry));
  return {
    members: first.map((member) => ({
      id: member.id,
      hostname: nameOf(member),
      isLearner: member.isLearner,
      isHealthy: viewOf(member)?.problems.length === 0,
      isTold: viewOf(member) !== undefined,
    })),
    problems: [
      ...views.filter(isMember).flatMap(({ problems }) => problems),
      ...doubts,
      ...first.filter(({ isLearner }) => isLearner).map((member) => `${nameOf(member)} is still a learner`),
      ...first.filter(isDouble).map((member) => `${nameOf(member)} is a member twice, and only one of them answers`),
    ],
    doubts,
  };
}

/** By what the cluster itself says of a member, which its machine may not confirm: a new one has no name before it has started. */
function mayBe({ hostname, peerUrls }: Member, { name, address }: MachineSpec): boolean {
  if (hostname !== '') return hostname === name;
  return peerUrls.some((url) => URL.parse(url)?.hostname.replace(/^\[|\]$/g, '') === address);
}

/**
 * Why the member with this id may not be taken away now, in words; `undefined` when it may. The removal itself needs a majority
 * of those who vote now, and those who are left need one among themselves.
 */
export function reasonNotToRemove({ members, doubts }: EtcdCluster, id: bigint): string | undefined {
  const [doubt] = doubts;
  if (doubt !== undefined) return doubt;
  const voters = members.filter(({ isLearner }) => !isLearner);
  const healthy = voters.filter(({ isHealthy }) => isHealthy);
  const remaining = voters.filter((member) => member.id !== id);
  const able = remaining.filter(({ isHealthy }) => isHealthy);
  const learner = members.find((member) => member.isLearner && member.id !== id);
  if (learner !== undefined) return `${learner.hostname} is still joining`;
  if (remaining.length === 0) return 'it is the last member of etcd';
  if (healthy.length < majorityOf(voters.length)) {
    return `only ${healthy.length} of ${voters.length} members are healthy, and ${majorityOf(voters.length)} have to agree`;
  }
  if (able.length < majorityOf(remaining.length)) {
    return `of the ${remaining.length} members that are left only ${able.length} would be healthy`;
  }
  return undefined;
}

/**
 * Why the member of a machine that answers nobody may not be taken away now: as above, and neither while any other machine's
 * member is unwell, since then it is more than one machine that fails.
 */
export function reasonNotToForget(cluster: EtcdCluster, id: bigint): string | undefined {
  const reason = reasonNotToRemove(cluster, id);
  if (reason !== undefined) return reason;
  const { members } = cluster;
  const name = members.find((member) => member.id === id)?.hostname;
  const ill = members
    .filter(({ hostname, isHealthy }) => !isHealthy && hostname !== name)
    .map(({ hostname }) => hostname);
  return ill.length === 0 ? undefined : `${ill.join(', ')} is not healthy either`;
}

const majorityOf = (count: number) => Math.floor(count / 2) + 1;
