import { createHash } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import type { BootstrapRequest } from '../../talos/gen/machine/machine_pb.ts';
import { pace } from './pace.ts';
import type { EtcdCluster } from './sim-etcd.ts';
import { Refusal } from './talos-call.ts';
import type { TalosNode } from './talos-node.ts';
import { isSince } from './talos-release.ts';

/** Starts an etcd cluster on this node, or throws a refusal. It looks at things in the order in which Talos does. */
export async function bootstrapEtcd(node: TalosNode, request: BootstrapRequest): Promise<void> {
  const { fabric } = node.host;
  try {
    refuseEarly(node);
    await awaitClock(node);
    const { install, ca, source } = look(node, request);
    const { cluster, member } = fabric.etcd.bootstrap(ca, node.hostname, node.address);
    install.etcd = { clusterId: cluster.id, memberId: member.id };
    if (source !== undefined) fabric.restorePlane(source, cluster.id);
  } catch (refusal) {
    fabric.refusedBootstraps += 1;
    throw refusal;
  }
}

function refuseEarly({ config, version, services }: TalosNode): void {
  if (config?.type !== 'controlplane') {
    throw new Refusal(
      config !== undefined && !isSince(version, 13) ? status.FAILED_PRECONDITION : status.UNIMPLEMENTED,
      'bootstrap is only available on control plane nodes',
    );
  }
  if (services.get('cri')?.state !== 'Running') {
    throw new Refusal(status.FAILED_PRECONDITION, 'bootstrap is not available yet');
  }
}

/** The certificates of etcd are dated by the node's clock. */
async function awaitClock({ host }: TalosNode): Promise<void> {
  const { clock, time } = host;
  if (!time.isInSync) await clock.sleep(pace.bootstrapClockWait);
  if (!time.isInSync) throw new Refusal(status.FAILED_PRECONDITION, 'time is not in sync yet');
}

function look({ config, systemDisk }: TalosNode, { recoverEtcd, recoverSkipHashCheck }: BootstrapRequest) {
  const install = systemDisk?.install;
  const ca = config?.cluster.etcdCa?.crt;
  if (install === undefined || ca === undefined) {
    throw new Refusal(status.FAILED_PRECONDITION, 'bootstrap is not available yet');
  }
  if (install.etcd !== undefined) throw new Refusal(status.ALREADY_EXISTS, 'etcd data directory is not empty');
  if (!recoverEtcd) return { install, ca };
  if (install.snapshot === undefined) throw new Refusal(status.FAILED_PRECONDITION, 'no snapshot was uploaded');
  return { install, ca, source: readSnapshot(install.snapshot, recoverSkipHashCheck) };
}

const magic = 'simulated etcd snapshot of cluster ';

/** A database with the hash that etcd appends when it is asked for a snapshot. */
export function takeSnapshot({ id }: EtcdCluster): Uint8Array {
  // Several messages' worth.
  const database = Buffer.from(`${magic}${id.toString(16)}\n`.padEnd(100_000, 'x'));
  return Buffer.concat([database, createHash('sha256').update(database).digest()]);
}

/** The cluster that it was taken from. */
function readSnapshot(snapshot: Uint8Array, isRaw: boolean): bigint {
  const database = isRaw ? snapshot : snapshot.subarray(0, -32);
  const isIntact = isRaw || createHash('sha256').update(database).digest().equals(snapshot.subarray(-32));
  const text = Buffer.from(database.subarray(0, 100)).toString();
  const id = text.startsWith(magic) ? /^[0-9a-f]+/.exec(text.slice(magic.length))?.[0] : undefined;
  if (!isIntact || id === undefined) throw new Refusal(status.INVALID_ARGUMENT, 'the snapshot is damaged');
  return BigInt(`0x${id}`);
}
