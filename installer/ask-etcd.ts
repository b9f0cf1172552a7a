import { Fault } from '../core/fault.ts';
import type { TalosClient } from '../talos/index.ts';
import type { EtcdView } from './steps/bootstrap-etcd.ts';

/**
 * What one control plane says of etcd. It asks the machine's own member, not the cluster: who else may answer depends on
 * addresses that are not up yet. Talos shows the state Preparing while etcd waits to be bootstrapped or to join.
 */
export async function askEtcd(
  client: Pick<TalosClient, 'services' | 'etcdMembers' | 'listFiles'>,
  signal: AbortSignal,
): Promise<EtcdView> {
  const etcd = (await client.services({ signal })).find((service) => service.id === 'etcd');
  if (etcd === undefined) return { kind: 'unclear', reason: 'etcd is not started yet' };
  if (etcd.state === 'Preparing') {
    // A member that comes back from a reboot prepares, too; its data tells it from one that waits for its first.
    const data = await findData(client, signal);
    if (data === 'none') return { kind: 'waiting' };
    const reason = data === 'some' ? 'to go on with the data that it has' : `and its data cannot be seen: ${data.why}`;
    return { kind: 'unclear', reason: `etcd prepares ${reason}` };
  }
  if (etcd.state !== 'Running') return { kind: 'unclear', reason: `etcd is ${etcd.state}` };
  const members = await client.etcdMembers({ signal, local: true });
  if (members.length === 0) return { kind: 'unclear', reason: 'etcd runs and lists no members' };
  return { kind: 'member', members };
}

/** Which member of etcd a machine is, in its own words. */
export type OwnEtcd =
  | { readonly kind: 'member'; readonly id: bigint }
  /** It is no control plane, or its etcd has no data. */
  | { readonly kind: 'none' }
  | { readonly kind: 'unclear'; readonly reason: string };

/** Asks the machine itself. Every Talos that is no control plane answers that it does not know the call. */
export async function askOwnEtcd(
  client: Pick<TalosClient, 'etcdStatus' | 'listFiles'>,
  signal: AbortSignal,
): Promise<OwnEtcd> {
  try {
    const { memberId: id } = await client.etcdStatus({ signal });
    return { kind: 'member', id };
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    if (thrown.code === 'talos/not-supported') return { kind: 'none' };
    if (thrown.kind !== 'environment') throw thrown;
    return (await findData(client, signal)) === 'none' ? { kind: 'none' } : { kind: 'unclear', reason: thrown.message };
  }
}

/**
 * What is in the data directory of etcd. Only a directory that is empty or not there is none: every Talos from 1.11 on lists
 * files once it has a config, so that an answer that says neither is no evidence. Talos reports a missing directory as the
 * text of its kernel, and without a status of its own.
 */
async function findData(
  client: Pick<TalosClient, 'listFiles'>,
  signal: AbortSignal,
): Promise<'none' | 'some' | { readonly why: string }> {
  try {
    let why: string | undefined;
    for await (const { relativePath, error } of client.listFiles({ root: '/var/lib/etcd' }, { signal })) {
      if (!['', '.'].includes(relativePath)) return 'some';
      if (error !== undefined && !isMissing(error)) why = error;
    }
    return why === undefined ? 'none' : { why };
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    if (thrown.code === 'talos/not-found' || (thrown.code === 'talos/failed' && isMissing(thrown.message)))
      return 'none';
    if (/^talos\/(not-supported|forbidden|failed)$/.test(thrown.code)) return { why: thrown.message };
    throw thrown;
  }
}

const isMissing = (text: string) => /no such file or directory/.test(text);
