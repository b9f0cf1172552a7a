import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { status } from '@grpc/grpc-js';
import type { ClusterService } from '../../talos/gen/cluster/cluster_pb.ts';
import type { LVMService, MDService } from '../../talos/gen/machine/array_pb.ts';
import type { StorageService } from '../../talos/gen/storage/storage_pb.ts';
import type { TimeService } from '../../talos/gen/time/time_pb.ts';
import { apiAt } from './node-apis.ts';
import { pace } from './pace.ts';
import { requireControlPlane } from './require-control-plane.ts';
import { Refusal, type TalosHandlers } from './talos-call.ts';
import type { TalosNode } from './talos-node.ts';

/** storage.StorageService: every device is looked at before the first is wiped. */
export function storageHandlers(node: TalosNode): TalosHandlers<typeof StorageService> {
  const { disks } = node.host;
  return {
    blockDeviceWipe({ devices }) {
      const wipes = devices.map(({ device, dropPartition, skipVolumeCheck, skipSecondaryCheck }) => {
        const partitions = disks.flatMap((disk) =>
          disk.signatures.filter(({ partition }) => partition > 0).map(({ partition }) => ({ disk, partition })),
        );
        const whole = disks.find(({ hardware }) => hardware.name === device);
        const part = partitions.find(({ disk, partition }) => disk.partitionName(partition) === device);
        const disk = whole ?? part?.disk;
        if (disk === undefined) {
          throw device.startsWith('loop') || device.startsWith('dm-')
            ? new Refusal(status.INVALID_ARGUMENT, `blockdevice "${device}" is of an unsupported type`)
            : new Refusal(status.NOT_FOUND, `blockdevice "${device}" not found`);
        }
        if (disk === node.systemDisk && !skipVolumeCheck) {
          throw new Refusal(status.FAILED_PRECONDITION, `blockdevice "${device}" is in use by a volume`);
        }
        const signature = disk.signatures.find(({ partition }) => partition === (part?.partition ?? 0));
        if (signature?.name === 'lvm2-pv' && isActive(node) && !skipSecondaryCheck) {
          throw new Refusal(status.FAILED_PRECONDITION, `blockdevice "${device}" is in use by disk "dm-0"`);
        }
        return () => {
          if (part === undefined) disk.erase();
          else {
            disk.signatures = disk.signatures.flatMap((one) => {
              if (one.partition !== part.partition) return [one];
              return dropPartition ? [] : [{ ...one, name: '' }];
            });
          }
        };
      });
      for (const wipe of wipes) wipe();
      node.change({});
      return { messages: [{}] };
    },
  };
}

/** Talos activates the volume groups that it finds at boot, but not in maintenance mode. */
const isActive = (node: TalosNode) => node.isConfigured;

/** machine.LVMService of Talos 1.14; the simulated disks hold no volume groups. */
export function lvmHandlers(): TalosHandlers<typeof LVMService> {
  const absent = () => {
    throw new Refusal(status.NOT_FOUND, 'not found');
  };
  return { logicalVolumeRemove: absent, volumeGroupRemove: absent, physicalVolumeRemove: absent };
}

/** machine.MDService of Talos 1.14; the simulated disks hold no arrays. */
export function arrayHandlers(): TalosHandlers<typeof MDService> {
  return {
    destroy() {
      throw new Refusal(status.NOT_FOUND, 'not found');
    },
  };
}

/** Talos asks the time server while it answers, and has nothing to say without it. */
export function timeHandlers(node: TalosNode): TalosHandlers<typeof TimeService> {
  const { clock, time } = node.host;
  const answer = (server: string) => {
    const remote = time.serverTime;
    if (remote === undefined) throw new Refusal(status.UNKNOWN, `error querying NTP server "${server}": i/o timeout`);
    const [localtime, remotetime] = [timestampFromDate(clock.now()), timestampFromDate(remote)];
    return { messages: [{ server, localtime, remotetime }] };
  };
  return { time: () => answer('time.cloudflare.com'), timeCheck: ({ server }) => answer(server) };
}

/** Of the many checks of Talos: etcd, and who runs. */
export function clusterHandlers(node: TalosNode): TalosHandlers<typeof ClusterService> {
  const { clock, fabric } = node.host;
  return {
    async *healthCheck({ waitTimeout, clusterInfo }, { signal }) {
      requireControlPlane(node, 'cluster health check');
      const until = clock.monotonic() + Number(waitTimeout?.seconds ?? 0n) * 1000;
      const nodes = [...(clusterInfo?.controlPlaneNodes ?? []), ...(clusterInfo?.workerNodes ?? [])];
      const checks: [string, () => boolean][] = [
        ['etcd to be healthy', () => node.services.get('etcd')?.healthy === true],
        [
          'all nodes to be ready',
          () => nodes.every((name) => name === node.address || apiAt(fabric, name)?.node.stage === 'running'),
        ],
      ];
      for (const [what, isGood] of checks) {
        while (!isGood()) {
          yield { message: `waiting for ${what}: ...` };
          if (clock.monotonic() >= until) throw new Refusal(status.DEADLINE_EXCEEDED, `waiting for ${what}: timeout`);
          await clock.sleep(pace.lookAgain, signal);
          if (signal.aborted) return;
        }
        yield { message: `waiting for ${what}: OK` };
      }
    },
  };
}
