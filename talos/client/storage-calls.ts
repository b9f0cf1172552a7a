import { minutes } from '../../core/millis.ts';
import type { CallOptions } from '../call-end.ts';
import { LVMService, MDService } from '../gen/machine/array_pb.ts';
import { StorageService, BlockDeviceWipeDescriptor_Method as WipeMethod } from '../gen/storage/storage_pb.ts';
import { callUnary, ensureUnary } from '../grpc-call.ts';
import type { GrpcChannel } from '../grpc-channel.ts';

export interface WipeDevice {
  /** The kernel name without /dev/: `sdb`, `nvme0n1p2`. */
  readonly name: string;
  /** FAST: signatures, beginning and end. ZEROES: everything, for hours; give a deadline. */
  readonly method?: keyof typeof WipeMethod;
  /** Of a partition: also takes it out of its table. */
  readonly dropPartition?: boolean;
}

/** Destroys data without asking. What is in use is refused with `talos/not-ready`. */
export interface StorageCalls {
  /** All are checked before the first is wiped; then one after the other. Waits 2 minutes. */
  wipeDevices(devices: readonly WipeDevice[], options?: CallOptions): Promise<void>;
  /** Talos 1.14 and later, as the next three; each also resolves when there is no such thing. */
  removeLogicalVolume(volume: { group: string; name: string }, options?: CallOptions): Promise<void>;
  /** With its logical volumes. */
  removeVolumeGroup(name: string, options?: CallOptions): Promise<void>;
  /** By its device path. */
  removePhysicalVolume(device: string, options?: CallOptions): Promise<void>;
  /** An MD array, by its device path. */
  destroyArray(device: string, options?: CallOptions): Promise<void>;
}

export function storageCalls(channel: GrpcChannel): StorageCalls {
  const lvm = LVMService.method;
  return {
    async wipeDevices(devices, options) {
      const request = {
        devices: devices.map(({ name, method = 'FAST', dropPartition = false }) => ({
          device: name,
          method: WipeMethod[method],
          dropPartition,
        })),
      };
      await callUnary(channel, StorageService.method.blockDeviceWipe, request, { deadline: minutes(2), ...options });
    },
    async removeLogicalVolume({ group, name }, options) {
      await ensureUnary(channel, lvm.logicalVolumeRemove, { volumeGroup: group, logicalVolume: name }, options);
    },
    async removeVolumeGroup(name, options) {
      await ensureUnary(channel, lvm.volumeGroupRemove, { volumeGroup: name }, options);
    },
    async removePhysicalVolume(device, options) {
      await ensureUnary(channel, lvm.physicalVolumeRemove, { device }, options);
    },
    async destroyArray(device, options) {
      await ensureUnary(channel, MDService.method.destroy, { device }, options);
    },
  };
}
