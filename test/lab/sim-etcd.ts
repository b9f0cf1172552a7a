import type { SeededRandom } from './seeded-random.ts';

export interface EtcdMember {
  readonly id: bigint;
  readonly hostname: string;
  readonly address: string;
  isLearner: boolean;
  /** Its process runs and answers. */
  isUp: boolean;
}

/** One etcd cluster: who is a member, who has a vote. Its data lives as long as the rack does. */
export class EtcdCluster {
  readonly id: bigint;
  /** PEM of the CA that its members trust: nodes of another cluster cannot join. */
  readonly ca: string;
  readonly members = new Map<bigint, EtcdMember>();
  readonly alarms: { memberId: bigint; alarm: 'NOSPACE' | 'CORRUPT' }[] = [];
  readonly #random: SeededRandom;
  #leader: bigint | undefined;

  constructor(ca: string, random: SeededRandom) {
    this.id = random.uint64();
    this.ca = ca;
    this.#random = random;
  }

  /** A majority of those with a vote is up. */
  get hasQuorum(): boolean {
    const voters = [...this.members.values()].filter((member) => !member.isLearner);
    return voters.filter((member) => member.isUp).length > voters.length / 2;
  }

  /** Who leads; `undefined` without a quorum. */
  get leader(): EtcdMember | undefined {
    if (!this.hasQuorum) return undefined;
    const able = [...this.members.values()].filter(({ isLearner, isUp }) => isUp && !isLearner);
    const leader = able.find(({ id }) => id === this.#leader) ?? able[0];
    this.#leader = leader?.id;
    return leader;
  }

  /** Another member leads from now on; `undefined` when there is no other that can. */
  transferLeadership(): EtcdMember | undefined {
    const from = this.leader;
    const to = [...this.members.values()].find(({ id, isLearner, isUp }) => isUp && !isLearner && id !== from?.id);
    this.#leader = to?.id ?? this.#leader;
    return to;
  }

  /**
   * As etcd with its strict check of reconfigurations: not while there is no quorum, and not if those that are up would
   * have none afterwards.
   */
  remove(id: bigint): 'removed' | 'absent' | 'no-quorum' {
    const member = this.members.get(id);
    if (member === undefined) return 'absent';
    const voters = [...this.members.values()].filter((one) => !one.isLearner && one.id !== id);
    const up = voters.filter((one) => one.isUp).length;
    if (!this.hasQuorum || (!member.isLearner && up <= voters.length / 2)) return 'no-quorum';
    this.members.delete(id);
    return 'removed';
  }

  /**
   * As Talos joins: an earlier member of the same name is removed first, then a learner is added. `undefined` while
   * there is no quorum or another learner has not been promoted (etcd allows one).
   */
  addLearner(hostname: string, address: string): EtcdMember | undefined {
    if (!this.hasQuorum) return undefined;
    for (const old of this.members.values()) if (old.hostname === hostname) this.members.delete(old.id);
    if ([...this.members.values()].some((member) => member.isLearner)) return undefined;
    return this.add(hostname, address, true);
  }

  /** False while there is no quorum. */
  promote(id: bigint): boolean {
    const member = this.members.get(id);
    if (member === undefined || !this.hasQuorum) return false;
    member.isLearner = false;
    return true;
  }

  add(hostname: string, address: string, isLearner: boolean): EtcdMember {
    const member = { id: this.#random.uint64(), hostname, address, isLearner, isUp: false };
    this.members.set(member.id, member);
    return member;
  }
}

/** Every etcd cluster that was ever bootstrapped in this rack. There should be one; nothing in etcd keeps it at one. */
export class EtcdWorld {
  readonly clusters: EtcdCluster[] = [];
  readonly #random: SeededRandom;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  /** A new cluster with this node as its only member; the caller has seen that its data directory is empty. */
  bootstrap(ca: string, hostname: string, address: string): { cluster: EtcdCluster; member: EtcdMember } {
    const cluster = new EtcdCluster(ca, this.#random);
    this.clusters.push(cluster);
    return { cluster, member: cluster.add(hostname, address, false) };
  }

  byId(id: bigint): EtcdCluster | undefined {
    return this.clusters.find((cluster) => cluster.id === id);
  }

  /** The cluster that a node with this CA finds when it looks for one to join. */
  joinable(ca: string): EtcdCluster | undefined {
    return this.clusters.find((cluster) => cluster.ca === ca && cluster.hasQuorum);
  }
}
