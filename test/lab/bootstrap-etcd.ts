import { createHash } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import type { BootstrapRequest } from '../../talos/gen/machine/machine_pb.ts';
import type { EtcdCluster } from './sim-etcd.ts';
import { Refusal } from './talos-call.ts';
import type { TalosNode } from './talos-node.ts';
import { isSince } from './talos-release.ts';

/** Starts an etcd cluster on this node, or throws a refusal. It looks at things in the order in which Talos does. */
export function bootstrapEtcd(node: TalosNode, request: BootstrapRequest): void {
  const { fabric } = node.host;
  try {
    const { install, ca, source } = look(node, request);
    const { cluster, member } = fabric.etcd.bootstrap(ca, node.hostname, node.address);
    install.etcd = { clusterId: cluster.id, memberId: member.id };
    if (source !== undefined) fabric.restorePlane(source, cluster.id);
  } catch (refusal) {
    fabric.refusedBootstraps += 1;
    throw refusal;
  }
}

function look(node: TalosNode, { recoverEtcd, recoverSkipHashCheck }: BootstrapRequest) {
  const { config } = node;
  if (config?.type !== 'controlplane') {
    throw new Refusal(
      config !== undefined && !isSince(node.version, 13) ? status.FAILED_PRECONDITION : status.UNIMPLEMENTED,
      'bootstrap is only available on control plane nodes',
    );
  }
  const install = node.systemDisk?.install;
  const ca = config.cluster.etcdCa?.crt;
  if (node.services.get('cri')?.state !== 'Running' || install === undefined || ca === undefined) {
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
