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
    const hasData = await holdsData(client, signal);
    return hasData
      ? { kind: 'unclear', reason: 'etcd prepares to go on with the data that it has' }
      : { kind: 'waiting' };
  }
  if (etcd.state !== 'Running') return { kind: 'unclear', reason: `etcd is ${etcd.state}` };
  const members = await client.etcdMembers({ signal, local: true });
  if (members.length === 0) return { kind: 'unclear', reason: 'etcd runs and lists no members' };
  return { kind: 'member', members };
}

/** Where the answer is that this cannot be read, nothing is known; a second bootstrap is then refused by Talos itself. */
async function holdsData(client: Pick<TalosClient, 'listFiles'>, signal: AbortSignal): Promise<boolean> {
  try {
    for await (const { relativePath, error } of client.listFiles({ root: '/var/lib/etcd' }, { signal })) {
      if (error === undefined && !['', '.'].includes(relativePath)) return true;
    }
    return false;
  } catch (thrown) {
    if (thrown instanceof Fault && /^talos\/(not-supported|not-found|forbidden|failed)$/.test(thrown.code))
      return false;
    throw thrown;
  }
}
