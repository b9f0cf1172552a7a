import { type ConfigCalls, configCalls } from './client/config-calls.ts';
import { type CosiCalls, cosiCalls } from './client/cosi-calls.ts';
import { type EtcdCalls, etcdCalls } from './client/etcd-calls.ts';
import { type EventCalls, eventCalls } from './client/event-calls.ts';
import { type FileCalls, fileCalls } from './client/file-calls.ts';
import { type ImageCalls, imageCalls } from './client/image-calls.ts';
import { type LifecycleCalls, lifecycleCalls } from './client/lifecycle-calls.ts';
import { type PowerCalls, powerCalls } from './client/power-calls.ts';
import { type StatusCalls, statusCalls } from './client/status-calls.ts';
import { type StorageCalls, storageCalls } from './client/storage-calls.ts';
import { openChannel, type TalosTarget } from './open-channel.ts';

export type { ApplyMode, ApplyResult } from './client/config-calls.ts';
export type { EtcdMember } from './client/etcd-calls.ts';
export type { TalosService, TalosVersion } from './client/status-calls.ts';

/**
 * One machine's Talos API. Every method rejects with a fault of talos-faults.ts, at the latest at its deadline, and only
 * an `environment` fault is worth another try.
 */
export interface TalosClient
  extends ConfigCalls,
    CosiCalls,
    EtcdCalls,
    EventCalls,
    FileCalls,
    ImageCalls,
    LifecycleCalls,
    PowerCalls,
    StatusCalls,
    StorageCalls {
  /** Host and port of the machine, for faults. */
  readonly at: string;
  close(): void;
}

/** A client of the machine's Talos API. Opens no connection before the first call. */
export function connectTalos(target: TalosTarget): TalosClient {
  const channel = openChannel(target);
  return {
    ...configCalls(channel, { isMaintenance: target.keys === undefined }),
    ...cosiCalls(channel),
    ...etcdCalls(channel),
    ...eventCalls(channel),
    ...fileCalls(channel),
    ...imageCalls(channel),
    ...lifecycleCalls(channel),
    ...powerCalls(channel),
    ...statusCalls(channel),
    ...storageCalls(channel),
    at: channel.at,
    close: () => channel.close(),
  };
}
