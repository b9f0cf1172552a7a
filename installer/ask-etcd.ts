import type { TalosClient } from '../talos/index.ts';
import type { EtcdView } from './steps/bootstrap-etcd.ts';

/**
 * What one control plane says of etcd. It asks the machine's own member, not the cluster: who else may answer depends on
 * addresses that are not up yet. Talos shows the state Preparing while etcd waits to be bootstrapped or to join.
 */
export async function askEtcd(
  client: Pick<TalosClient, 'services' | 'etcdMembers'>,
  signal: AbortSignal,
): Promise<EtcdView> {
  const etcd = (await client.services({ signal })).find((service) => service.id === 'etcd');
  if (etcd === undefined) return { kind: 'unclear', reason: 'etcd is not started yet' };
  if (etcd.state === 'Preparing') return { kind: 'waiting' };
  if (etcd.state !== 'Running') return { kind: 'unclear', reason: `etcd is ${etcd.state}` };
  const members = await client.etcdMembers({ signal, local: true });
  if (members.length === 0) return { kind: 'unclear', reason: 'etcd runs and lists no members' };
  return { kind: 'member', members };
}
