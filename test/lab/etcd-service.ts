import type { Millis } from '../../core/millis.ts';
import { inSync } from './machine-time.ts';
import { pace } from './pace.ts';
import { stillOnAfter } from './still-on.ts';
import type { TalosNode } from './talos-node.ts';

/**
 * The etcd service of a control plane: `Preparing` until this node is bootstrapped or
 * finds a cluster to join, then a learner, then a member with a vote. Ends with the signal.
 */
export async function runEtcd(node: TalosNode, signal: AbortSignal): Promise<void> {
  const { clock, random, fabric } = node.host;
  const install = node.systemDisk?.install;
  const ca = node.config?.cluster.etcdCa?.crt;
  if (install === undefined || ca === undefined) return;
  const stillOn = (span: Millis) => stillOnAfter(random.around(span), clock, signal);

  const ownId = () => install.etcd?.memberId;

  if (!node.host.time.isInSync) {
    node.setService('etcd', 'Waiting', 'Waiting for time sync');
    if (!(await inSync(node.host, signal))) return;
  }
  node.setService('etcd', 'Preparing', 'Running pre state', false);
  while (install.etcd === undefined) {
    const cluster = fabric.etcd.joinable(ca);
    const member = cluster?.addLearner(node.hostname, node.address);
    if (cluster !== undefined && member !== undefined) install.etcd = { clusterId: cluster.id, memberId: member.id };
    else if (!(await stillOn(pace.lookAgain))) return;
  }
  const { clusterId, memberId } = install.etcd;
  const cluster = fabric.etcd.byId(clusterId);
  const member = cluster?.members.get(memberId);
  if (cluster === undefined || member === undefined) {
    node.setService('etcd', 'Failed', 'the member has been permanently removed from the cluster', false);
    return;
  }
  node.setService('etcd', 'Starting', 'Starting etcd', false);
  if (!(await stillOn(pace.startEtcd))) return;
  try {
    member.isUp = true;
    node.change({ etcdMemberId: memberId });
    while (member.isLearner && (await stillOn(pace.promoteLearner))) cluster.promote(memberId);
    let wasHealthy: boolean | undefined;
    do {
      // It was told to leave its cluster: etcd is stopped and its data is gone.
      if (ownId() !== memberId) return;
      const isHealthy = cluster.hasQuorum && cluster.members.has(memberId);
      if (isHealthy !== wasHealthy) {
        node.setService('etcd', 'Running', isHealthy ? 'Health check successful' : 'etcdserver: no leader', isHealthy);
      }
      wasHealthy = isHealthy;
    } while (await stillOn(pace.lookAgain));
  } finally {
    member.isUp = false;
  }
}
