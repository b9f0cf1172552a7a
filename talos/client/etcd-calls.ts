import { minutes } from '../../core/millis.ts';
import type { CallOptions } from '../call-end.ts';
import { enumName } from '../enum-name.ts';
import { EtcdMemberAlarm_AlarmType as AlarmType, type EtcdMemberAlarm } from '../gen/machine/etcd_pb.ts';
import { MachineService } from '../gen/machine/machine_pb.ts';
import { callClientStream, callUnary, ensureUnary } from '../grpc-call.ts';
import type { GrpcChannel } from '../grpc-channel.ts';
import { openServerStream } from '../grpc-stream.ts';
import { talosGarbled } from '../talos-faults.ts';

export interface EtcdMember {
  /** All 64 bits are used. */
  readonly id: bigint;
  readonly hostname: string;
  readonly peerUrls: readonly string[];
  readonly clientUrls: readonly string[];
  /** Receives the data but has no vote yet. */
  readonly isLearner: boolean;
}

export interface EtcdStatus {
  readonly memberId: bigint;
  /** `undefined` when nobody leads. */
  readonly leader?: bigint;
  readonly isLearner: boolean;
  readonly sizeBytes: bigint;
  readonly sizeInUseBytes: bigint;
  readonly raftTerm: bigint;
  readonly raftIndex: bigint;
  readonly raftAppliedIndex: bigint;
  readonly version: string;
  readonly storageVersion: string;
  readonly errors: readonly string[];
}

export interface EtcdAlarm {
  readonly memberId: bigint;
  readonly alarm: keyof typeof AlarmType;
}

export interface BootstrapRequest {
  /** Begin with the snapshot that `etcdRecover` has sent. */
  readonly recover?: boolean;
  /** The snapshot is a copy of the database file, which has no hash at its end. */
  readonly skipHashCheck?: boolean;
}

/** etcd on one control plane; other machines answer `talos/not-supported`. */
export interface EtcdCalls {
  /**
   * Starts a new etcd cluster there; resolves when that has begun. `talos/already-exists` when the machine has etcd
   * data, of whatever cluster.
   */
  bootstrap(options?: CallOptions & BootstrapRequest): Promise<void>;
  /** `local`: as this member alone knows it, without asking the cluster. */
  etcdMembers(options?: CallOptions & { local?: boolean }): Promise<readonly EtcdMember[]>;
  etcdStatus(options?: CallOptions): Promise<EtcdStatus>;
  /** For a member whose machine is gone. Also resolves when it is no member any more. */
  etcdRemoveMember(id: bigint, options?: CallOptions): Promise<void>;
  /** For a live member: leaves, stops etcd and deletes its data. Waits 5 minutes. */
  etcdLeave(options?: CallOptions): Promise<void>;
  /** The name of the member that leads from now on; `undefined` when this one did not lead. */
  etcdForfeitLeadership(options?: CallOptions): Promise<string | undefined>;
  etcdAlarms(options?: CallOptions): Promise<readonly EtcdAlarm[]>;
  /** The alarms that were taken back. */
  etcdDisarmAlarms(options?: CallOptions): Promise<readonly EtcdAlarm[]>;
  /** Blocks this member for as long as it takes: one at a time. Waits 5 minutes. */
  etcdDefragment(options?: CallOptions): Promise<void>;
  /** Cluster version after it, such as `3.5`. */
  etcdDowngrade(
    request: { step: 'validate' | 'enable'; version: string } | { step: 'cancel' },
    options?: CallOptions,
  ): Promise<string>;
  /** The database, piece by piece. Complete only when the loop ends without a fault. */
  etcdSnapshot(options?: CallOptions): AsyncGenerator<Uint8Array, void, undefined>;
  /** Sends a snapshot to the machine that is going to be bootstrapped from it. */
  etcdRecover(snapshot: AsyncIterable<Uint8Array>, options?: CallOptions): Promise<void>;
}

export function etcdCalls(channel: GrpcChannel): EtcdCalls {
  const { at } = channel;
  const machine = MachineService.method;
  const alarmsIn = (messages: readonly { memberAlarms: EtcdMemberAlarm[] }[], call: string): EtcdAlarm[] =>
    messages.flatMap(({ memberAlarms }) =>
      memberAlarms.map(({ memberId, alarm }) => ({ memberId, alarm: enumName(AlarmType, alarm, { at, call }) })),
    );
  return {
    async bootstrap({ recover = false, skipHashCheck = false, ...options } = {}) {
      const request = { recoverEtcd: recover, recoverSkipHashCheck: skipHashCheck };
      await callUnary(channel, machine.bootstrap, request, options);
    },
    async etcdMembers({ local = false, ...options } = {}) {
      const { messages } = await callUnary(channel, machine.etcdMemberList, { queryLocal: local }, options);
      return messages.flatMap(({ members }) =>
        members.map(({ id, hostname, peerUrls, clientUrls, isLearner }) => ({
          id,
          hostname,
          peerUrls,
          clientUrls,
          isLearner,
        })),
      );
    },
    async etcdStatus(options) {
      const { messages } = await callUnary(channel, machine.etcdStatus, {}, options);
      const status = messages[0]?.memberStatus;
      if (status === undefined) throw talosGarbled({ at, call: 'EtcdStatus', reason: 'it says nothing' });
      return {
        memberId: status.memberId,
        ...(status.leader === 0n ? {} : { leader: status.leader }),
        isLearner: status.isLearner,
        sizeBytes: status.dbSize,
        sizeInUseBytes: status.dbSizeInUse,
        raftTerm: status.raftTerm,
        raftIndex: status.raftIndex,
        raftAppliedIndex: status.raftAppliedIndex,
        version: status.protocolVersion,
        storageVersion: status.storageVersion,
        errors: status.errors,
      };
    },
    async etcdRemoveMember(memberId, options) {
      await ensureUnary(channel, machine.etcdRemoveMemberByID, { memberId }, options);
    },
    async etcdLeave(options) {
      await callUnary(channel, machine.etcdLeaveCluster, {}, { deadline: minutes(5), ...options });
    },
    async etcdForfeitLeadership(options) {
      const { messages } = await callUnary(channel, machine.etcdForfeitLeadership, {}, options);
      return messages[0]?.member || undefined;
    },
    async etcdAlarms(options) {
      const { messages } = await callUnary(channel, machine.etcdAlarmList, {}, options);
      return alarmsIn(messages, 'EtcdAlarmList');
    },
    async etcdDisarmAlarms(options) {
      const { messages } = await callUnary(channel, machine.etcdAlarmDisarm, {}, options);
      return alarmsIn(messages, 'EtcdAlarmDisarm');
    },
    async etcdDefragment(options) {
      await callUnary(channel, machine.etcdDefragment, {}, { deadline: minutes(5), ...options });
    },
    async etcdDowngrade(request, options) {
      const ask = () => {
        switch (request.step) {
          case 'validate':
            return callUnary(channel, machine.etcdDowngradeValidate, { version: request.version }, options);
          case 'enable':
            return callUnary(channel, machine.etcdDowngradeEnable, { version: request.version }, options);
          case 'cancel':
            return callUnary(channel, machine.etcdDowngradeCancel, {}, options);
        }
      };
      const { messages } = await ask();
      return messages[0]?.clusterDowngrade?.clusterVersion ?? '';
    },
    async *etcdSnapshot(options) {
      for await (const { bytes } of openServerStream(channel, machine.etcdSnapshot, {}, options)) {
        if (bytes.length > 0) yield bytes;
      }
    },
    async etcdRecover(snapshot, options) {
      const pieces = async function* () {
        for await (const bytes of snapshot) yield { bytes };
      };
      await callClientStream(channel, machine.etcdRecover, pieces(), options);
    },
  };
}
