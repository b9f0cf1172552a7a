import { status } from '@grpc/grpc-js';
import { EtcdMemberAlarm_AlarmType as AlarmType } from '../../talos/gen/machine/etcd_pb.ts';
import type { MachineService } from '../../talos/gen/machine/machine_pb.ts';
import { takeSnapshot } from './bootstrap-etcd.ts';
import { pieces } from './file-calls.ts';
import { requireControlPlane } from './require-control-plane.ts';
import { Refusal, type TalosHandlers } from './talos-call.ts';
import type { TalosNode } from './talos-node.ts';

type EtcdHandlers = Pick<
  TalosHandlers<typeof MachineService>,
  | 'etcdMemberList'
  | 'etcdRemoveMemberByID'
  | 'etcdLeaveCluster'
  | 'etcdForfeitLeadership'
  | 'etcdStatus'
  | 'etcdSnapshot'
  | 'etcdRecover'
  | 'etcdAlarmList'
  | 'etcdAlarmDisarm'
  | 'etcdDefragment'
  | 'etcdDowngradeValidate'
  | 'etcdDowngradeEnable'
  | 'etcdDowngradeCancel'
>;

/** The member on this node and its cluster; throws while its etcd does not answer. */
export function etcdOf(node: TalosNode) {
  const cluster = node.host.fabric.etcd.byId(node.systemDisk?.install?.etcd?.clusterId ?? 0n);
  const member = cluster?.members.get(node.etcdMemberId ?? 0n);
  if (cluster === undefined || member === undefined) {
    throw new Refusal(status.UNAVAILABLE, 'etcd client: context deadline exceeded');
  }
  return { cluster, member };
}

const noQuorum = () => new Refusal(status.UNAVAILABLE, 'etcd client: context deadline exceeded');

export function etcdCalls(node: TalosNode): EtcdHandlers {
  const withQuorum = (what: string) => {
    requireControlPlane(node, what);
    const found = etcdOf(node);
    if (!found.cluster.hasQuorum) throw noQuorum();
    return found;
  };
  return {
    etcdMemberList({ queryLocal }) {
      requireControlPlane(node, 'member list');
      const { cluster } = etcdOf(node);
      if (!queryLocal && !cluster.hasQuorum) throw noQuorum();
      const members = [...cluster.members.values()].map(({ id, hostname, address, isLearner }) => ({
        id,
        hostname,
        peerUrls: [`https://${address}:2380`],
        clientUrls: [`https://${address}:2379`],
        isLearner,
      }));
      return { messages: [{ members, legacyMembers: members.map(({ hostname }) => hostname) }] };
    },

    etcdRemoveMemberByID({ memberId }) {
      const outcome = withQuorum('etcd remove member').cluster.remove(memberId);
      if (outcome === 'absent') throw new Refusal(status.NOT_FOUND, 'etcdserver: member not found');
      if (outcome === 'no-quorum') {
        throw new Refusal(status.UNKNOWN, 'etcdserver: re-configuration failed due to not enough started members');
      }
      return { messages: [{}] };
    },

    etcdLeaveCluster() {
      requireControlPlane(node, 'etcd leave');
      leaveEtcd(node);
      return { messages: [{}] };
    },

    etcdForfeitLeadership() {
      const { cluster, member } = withQuorum('etcd forfeit leadership');
      if (cluster.members.size === 1) throw new Refusal(status.UNKNOWN, 'there is only one etcd member');
      if (cluster.leader?.id !== member.id) return { messages: [{}] };
      const successor = cluster.transferLeadership();
      if (successor === undefined) throw new Refusal(status.UNKNOWN, 'no other member can lead');
      return { messages: [{ member: successor.hostname }] };
    },

    etcdStatus() {
      requireControlPlane(node, 'etcd status');
      const { cluster, member } = etcdOf(node);
      const memberStatus = {
        ...{ protocolVersion: '3.6.4', storageVersion: '3.6', dbSize: 20_480n, dbSizeInUse: 16_384n },
        ...{ leader: cluster.leader?.id ?? 0n, raftIndex: 8n, raftTerm: 2n, raftAppliedIndex: 8n },
        ...{ isLearner: member.isLearner, memberId: member.id },
        errors: cluster.leader === undefined ? ['etcdserver: no leader'] : [],
      };
      return { messages: [{ memberStatus }] };
    },

    etcdSnapshot() {
      return pieces(takeSnapshot(withQuorum('etcd snapshot').cluster));
    },

    async etcdRecover(requests) {
      requireControlPlane(node, 'etcd recover');
      const install = node.systemDisk?.install;
      if (install === undefined || node.services.get('cri')?.state !== 'Running') {
        throw new Refusal(status.FAILED_PRECONDITION, 'etcd data directory is not mounted');
      }
      const received = [];
      for await (const { bytes } of requests) received.push(bytes);
      install.snapshot = Buffer.concat(received);
      return { messages: [{}] };
    },

    etcdAlarmList() {
      return { messages: [{ memberAlarms: alarmsOf(withQuorum('etcd alarm list').cluster.alarms) }] };
    },

    etcdAlarmDisarm() {
      const { cluster, member } = withQuorum('etcd alarm disarm');
      const gone = cluster.alarms.filter(({ memberId }) => memberId === member.id);
      for (const alarm of gone) cluster.alarms.splice(cluster.alarms.indexOf(alarm), 1);
      return { messages: [{ memberAlarms: alarmsOf(gone) }] };
    },

    etcdDefragment() {
      withQuorum('etcd defragment');
      return { messages: [{}] };
    },

    etcdDowngradeValidate({ version }) {
      withQuorum('etcd downgrade');
      if (version !== '3.5') throw new Refusal(status.UNKNOWN, 'etcdserver: invalid downgrade target version');
      return { messages: [{ clusterDowngrade: { clusterVersion: '3.6.0' } }] };
    },

    etcdDowngradeEnable({ version }) {
      withQuorum('etcd downgrade');
      if (version !== '3.5') throw new Refusal(status.UNKNOWN, 'etcdserver: invalid downgrade target version');
      return { messages: [{ clusterDowngrade: { clusterVersion: '3.6.0' } }] };
    },

    etcdDowngradeCancel() {
      withQuorum('etcd downgrade');
      throw new Refusal(status.UNKNOWN, 'etcdserver: no inflight downgrade job');
    },
  };
}

/** Takes the member out of its cluster, stops etcd and deletes its data; throws when the others could not go on. */
export function leaveEtcd(node: TalosNode): void {
  const { cluster, member } = etcdOf(node);
  if (cluster.remove(member.id) !== 'removed') {
    throw new Refusal(status.UNKNOWN, 'etcdserver: re-configuration failed due to not enough started members');
  }
  const install = node.systemDisk?.install;
  if (install !== undefined) install.etcd = undefined;
  node.setService('etcd', 'Finished', 'Service finished successfully', false);
  node.change({ etcdMemberId: undefined });
}

const alarmsOf = (alarms: readonly { memberId: bigint; alarm: 'NOSPACE' | 'CORRUPT' }[]) =>
  alarms.map(({ memberId, alarm }) => ({ memberId, alarm: AlarmType[alarm] }));
