import { defineFault } from '../../core/fault.ts';
import { minutes } from '../../core/millis.ts';
import type { MachineSpec } from '../../core/rack-spec.ts';
import { blocked, done, type Step, type StepPast, todo } from '../../core/step.ts';
import type { OwnEtcd } from '../ask-etcd.ts';
import { type EtcdCluster, reasonNotToRemove } from '../etcd-cluster.ts';

const quorumInDanger = defineFault<{ name: string; reason: string }>('installer/quorum-in-danger', {
  kind: 'operator',
  exitCode: 3,
  title: ({ name, reason }) => `${name} may not leave etcd now: ${reason}`,
  state: ({ name }) => `${name} is still a member, and nothing on its disk was touched.`,
  remedy: () => 'Mend what is named first, then run the same command again.',
});

const etcdSilent = defineFault<{ problems: readonly string[] }>('installer/etcd-silent', {
  kind: 'environment',
  title: ({ problems }) => `Nobody says who is a member of etcd: ${problems.join('; ')}`,
  state: () => 'Nothing was changed.',
  remedy: () => 'Wait for the control planes, then run the same command again.',
});

type Member = EtcdCluster['members'][number];

export interface LeaveEtcd {
  readonly entry: MachineSpec;
  readonly after: readonly string[];
  /** What the machine itself says. */
  readonly own: (signal: AbortSignal) => Promise<OwnEtcd>;
  /** What the other control planes say. */
  readonly ask: (signal: AbortSignal) => Promise<EtcdCluster>;
  /** Lets the machine hand over and leave; a member whose machine is silent is removed by its id, by another one. */
  readonly leave: (member: Member, signal: AbortSignal) => Promise<void>;
  /** Why the member with this id may not go now, in words; by its machine's own will when left out. */
  readonly reasonNotTo?: (cluster: EtcdCluster, id: bigint) => string | undefined;
}

/**
 * A machine is no member of etcd any more. Which member it is, is the machine's own word and not the rack file's: a name or a
 * role there may be wrong. Never while its leaving could cost the others their majority, or while it is open who is a member.
 */
export function leaveEtcd(options: LeaveEtcd): Step {
  const { entry, after, own, ask, leave, reasonNotTo = reasonNotToRemove } = options;
  const { name, role } = entry;
  let remembered: bigint | undefined;
  const look = async (signal: AbortSignal): Promise<Member | 'open' | undefined> => {
    const says = await own(signal);
    if (role === 'worker' && says.kind === 'none' && remembered === undefined) return undefined;
    const cluster = await ask(signal);
    if (cluster.members.length === 0) throw etcdSilent({ problems: cluster.problems });
    const refuse = (reason: string) => quorumInDanger({ name, reason });
    const id = says.kind === 'member' ? says.id : undefined;
    const member =
      cluster.members.find((one) => one.id === id || one.id === remembered) ??
      cluster.members.find(({ hostname, isTold }) => hostname === name && !isTold);
    if (member !== undefined) {
      const reason = reasonNotTo(cluster, member.id);
      if (reason !== undefined) throw refuse(reason);
      return member;
    }
    if (says.kind === 'none') return undefined;
    const [doubt] = cluster.doubts;
    if (doubt !== undefined) throw refuse(doubt);
    if (remembered !== undefined) return undefined;
    if (says.kind === 'member') throw refuse('its etcd runs, and the other control planes do not list it as a member');
    return cluster.members.every(({ isTold }) => isTold) ? undefined : 'open';
  };
  const idIn = ({ uncertain, memory }: StepPast) => {
    const known = memory?.['member'];
    return uncertain && known !== undefined ? BigInt(`0x${known}`) : undefined;
  };
  return {
    id: `leave-etcd/${name}`,
    title: role === 'worker' ? `${name} is no member of etcd` : `${name} leaves etcd`,
    machine: name,
    after,
    timeout: minutes(10),
    async check(past, signal) {
      remembered = idIn(past);
      const member = await look(signal);
      if (member === undefined) return done;
      if (member === 'open') return blocked('its etcd does not answer, and nobody can tell which member it is');
      const memory = { member: member.id.toString(16) };
      return todo('is a member, and the others have a majority without it', { memory });
    },
    async apply(signal) {
      const member = await look(signal);
      if (member !== undefined && member !== 'open') await leave(member, signal);
    },
  };
}
