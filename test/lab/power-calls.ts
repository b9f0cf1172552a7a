import { status } from '@grpc/grpc-js';
import type { MachineService } from '../../talos/gen/machine/machine_pb.ts';
import {
  RebootRequest_Mode as RebootMode,
  type ResetRequest,
  UpgradeRequest_RebootMode as UpgradeRebootMode,
  ResetRequest_WipeMode as WipeMode,
} from '../../talos/gen/machine/power_pb.ts';
import { etcdOf, leaveEtcd } from './etcd-calls.ts';
import { versionOf } from './image-store.ts';
import { installBeside, swapBootEntries } from './sim-disk.ts';
import { Refusal, type TalosHandlers } from './talos-call.ts';
import type { TalosNode } from './talos-node.ts';

type PowerHandlers = Pick<
  TalosHandlers<typeof MachineService>,
  'reboot' | 'shutdown' | 'reset' | 'rollback' | 'upgrade'
>;

/** What takes the node down. The reply comes before the action, and says nothing of whether another one holds the node. */
export function powerCalls(node: TalosNode): PowerHandlers {
  const installed = () => {
    const install = node.systemDisk?.install;
    if (install === undefined) throw new Refusal(status.FAILED_PRECONDITION, 'Talos is not installed');
    return install;
  };
  return {
    reboot({ mode }, call) {
      const actorId = node.events.newActor();
      const end = mode === RebootMode.POWERCYCLE ? 'reset' : 'kexec';
      call.afterReply(() => node.act({ sequence: 'reboot', actorId, stage: 'rebooting', end }));
      return { messages: [{ actorId }] };
    },

    shutdown(_, call) {
      const actorId = node.events.newActor();
      call.afterReply(() => node.act({ sequence: 'shutdown', actorId, stage: 'shutting down', end: 'off' }));
      return { messages: [{ actorId }] };
    },

    reset(request, call) {
      const actorId = node.events.newActor();
      const finish = planWipe(node, request);
      const labels = request.systemPartitionsToWipe.map(({ label }) => label);
      const keepsBootLoader = labels.length > 0 && !labels.includes('EFI') && !labels.includes('BOOT');
      const end = !request.reboot ? 'off' : keepsBootLoader || request.mode === WipeMode.USER_DISKS ? 'kexec' : 'reset';
      const leaves = request.graceful && node.config?.type === 'controlplane';
      call.afterReply(() =>
        node.act({
          ...{ sequence: 'reset', actorId, stage: 'resetting', finish, end },
          ...(leaves ? { prepare: () => leaveEtcd(node) } : {}),
        }),
      );
      return { messages: [{ actorId }] };
    },

    rollback(_, call) {
      const install = installed();
      if (install.previous === undefined) {
        throw new Refusal(status.FAILED_PRECONDITION, 'there is no previous boot entry');
      }
      const actorId = node.events.newActor();
      const finish = () => void swapBootEntries(install);
      call.afterReply(() => node.act({ sequence: 'reboot', actorId, stage: 'rebooting', finish, end: 'kexec' }));
      return { messages: [{}] };
    },

    /** Answered when the image is there and etcd could go without this node. */
    async upgrade({ image, stage, force, preserve, rebootMode }, call) {
      const install = installed();
      const version = versionOf(image);
      if (version === undefined) throw new Refusal(status.UNKNOWN, `failed to pull ${image}: not found`);
      if (node.config?.type === 'controlplane' && !force && !preserve) refuseUpgradeByEtcd(node);
      const fails = node.host.strikes('upgrade-fails');
      const actorId = node.events.newActor();
      const end = rebootMode === UpgradeRebootMode.POWERCYCLE ? 'reset' : 'kexec';
      const change = () => {
        if (stage) install.staged = version;
        else installBeside(install, version);
      };
      call.afterReply(() =>
        node.act({
          ...{ sequence: 'upgrade', actorId, stage: 'upgrading', end },
          prepare() {
            if (fails) throw new Error('installer failed: exit status 1');
          },
          finish: change,
        }),
      );
      return { messages: [{ ack: 'Upgrade request received', actorId }] };
    },
  };
}

/** Of two members none may go, and of more none while another one is not well. */
function refuseUpgradeByEtcd(node: TalosNode): void {
  const members = [...etcdOf(node).cluster.members.values()];
  if (members.length === 2) {
    throw new Refusal(status.FAILED_PRECONDITION, 'etcd member count is 2: an upgrade would lose the quorum');
  }
  const down = members.find(({ isUp, isLearner }) => !isUp || isLearner);
  if (down !== undefined) throw new Refusal(status.FAILED_PRECONDITION, `etcd member ${down.hostname} is not healthy`);
}

/** What a reset does to the disks, once nothing runs any more; throws for a request that makes no sense. */
function planWipe(node: TalosNode, request: ResetRequest): () => void {
  const { mode, systemPartitionsToWipe, userDisksToWipe } = request;
  const labels = systemPartitionsToWipe.filter(({ wipe }) => wipe).map(({ label }) => label);
  const { systemDisk, host } = node;
  if (mode === WipeMode.SYSTEM_DISK && userDisksToWipe.length > 0) {
    throw new Refusal(status.UNKNOWN, "reset failed: wipe mode SYSTEM_DISK doesn't support user disks");
  }
  if (mode === WipeMode.USER_DISKS && systemPartitionsToWipe.length > 0) {
    throw new Refusal(status.UNKNOWN, "reset failed: wipe mode USER_DISKS doesn't support system partitions");
  }
  const userDisks = userDisksToWipe.map((path) => {
    const disk = host.disks.find(({ hardware }) => hardware.path === path);
    if (disk === undefined) throw new Refusal(status.UNKNOWN, `reset failed: ${path} not found`);
    if (disk === systemDisk) throw new Refusal(status.UNKNOWN, `reset failed: ${path} is the system disk`);
    return disk;
  });
  const known = systemDisk?.signatures.map(({ partitionLabel }) => partitionLabel) ?? [];
  const unknown = labels.find((label) => !known.includes(label));
  if (unknown !== undefined) throw new Refusal(status.UNKNOWN, `reset failed: no partition ${unknown}`);
  return () => {
    for (const disk of userDisks) disk.erase();
    if (mode === WipeMode.USER_DISKS) return;
    if (systemPartitionsToWipe.length === 0) systemDisk?.erase();
    else for (const label of labels) systemDisk?.erasePartition(label);
  };
}
