import { minutes } from '../../core/millis.ts';
import type { CallOptions } from '../call-end.ts';
import { MachineService } from '../gen/machine/machine_pb.ts';
import {
  RebootRequest_Mode as RebootMode,
  UpgradeRequest_RebootMode as UpgradeRebootMode,
  ResetRequest_WipeMode as WipeMode,
} from '../gen/machine/power_pb.ts';
import { callUnary } from '../grpc-call.ts';
import type { GrpcChannel } from '../grpc-channel.ts';

export interface ResetRequest {
  /** Cordon, drain and leave etcd first; without it a control plane leaves a dead member behind. */
  readonly graceful: boolean;
  /** Afterwards; otherwise the machine powers off. */
  readonly reboot: boolean;
  readonly wipe: keyof typeof WipeMode;
  /** Labels such as EPHEMERAL; the whole system disk when left out. Not with USER_DISKS. */
  readonly partitions?: readonly string[];
  /** Device paths such as /dev/sdb. Not with SYSTEM_DISK. */
  readonly userDisks?: readonly string[];
}

export interface UpgradeRequest {
  /** The installer image, of the same schematic as what runs. */
  readonly image: string;
  /** With the next boot, before services start. */
  readonly stage?: boolean;
  /** Skips the machine's own checks of etcd. */
  readonly force?: boolean;
  readonly reboot?: keyof typeof UpgradeRebootMode;
}

/**
 * What takes a machine down. Each call is answered when the machine has taken it on; that another action holds the
 * machine is told only by an event (`sequence`, LOCKED) with the actor id, which is what they resolve to.
 */
export interface PowerCalls {
  /** FORCE, from 1.12 on, cleans up nothing. */
  reboot(mode?: keyof typeof RebootMode, options?: CallOptions): Promise<string>;
  shutdown(request?: { withoutDrain?: boolean }, options?: CallOptions): Promise<string>;
  reset(request: ResetRequest, options?: CallOptions): Promise<string>;
  /** Back to the boot entry before the last upgrade, with a reboot. A second one goes forth again. */
  rollback(options?: CallOptions): Promise<void>;
  /** The upgrade of Talos before 1.13: pulls, checks etcd, drains, installs, reboots. Answered after minutes, for which it waits 15. */
  upgrade(request: UpgradeRequest, options?: CallOptions): Promise<string>;
}

export function powerCalls(channel: GrpcChannel): PowerCalls {
  const machine = MachineService.method;
  const actorIn = ({ messages }: { messages: readonly { actorId: string }[] }): string => messages[0]?.actorId ?? '';
  return {
    async reboot(mode = 'DEFAULT', options) {
      return actorIn(await callUnary(channel, machine.reboot, { mode: RebootMode[mode] }, options));
    },
    async shutdown({ withoutDrain = false } = {}, options) {
      return actorIn(await callUnary(channel, machine.shutdown, { force: withoutDrain }, options));
    },
    async reset({ graceful, reboot, wipe, partitions = [], userDisks = [] }, options) {
      const request = {
        graceful,
        reboot,
        mode: WipeMode[wipe],
        systemPartitionsToWipe: partitions.map((label) => ({ label, wipe: true })),
        userDisksToWipe: [...userDisks],
      };
      return actorIn(await callUnary(channel, machine.reset, request, options));
    },
    async rollback(options) {
      await callUnary(channel, machine.rollback, {}, options);
    },
    async upgrade({ image, stage = false, force = false, reboot = 'DEFAULT' }, options) {
      const request = { image, stage, force, rebootMode: UpgradeRebootMode[reboot] };
      return actorIn(await callUnary(channel, machine.upgrade, request, { deadline: minutes(15), ...options }));
    },
  };
}
