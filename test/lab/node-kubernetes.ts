import { dig } from '../../cluster/kube-object.ts';
import type { Millis } from '../../core/millis.ts';
import type { KubernetesPlane } from './cluster-kubernetes.ts';
import { inSync } from './machine-time.ts';
import type { NodeConfig } from './node-config.ts';
import { isReady, nodeObject, withReadiness } from './node-object.ts';
import { pace } from './pace.ts';
import { stillOnAfter } from './still-on.ts';
import type { TalosNode } from './talos-node.ts';

/**
 * The static pods of a control plane: once its etcd has a vote, an API server on its own address, and on the shared one
 * while no other control plane has it. An API server whose etcd loses its quorum goes on answering here.
 */
export async function runControlPlane(node: TalosNode, config: NodeConfig, signal: AbortSignal): Promise<void> {
  const { clock, random, fabric } = node.host;
  const stillOn = (span: Millis) => stillOnAfter(random.around(span), clock, signal);
  while (node.services.get('etcd')?.healthy !== true) if (!(await stillOn(pace.lookAgain))) return;
  if (!(await stillOn(pace.startControlPlane))) return;
  const cluster = fabric.etcd.byId(node.systemDisk?.install?.etcd?.clusterId ?? 0n);
  if (cluster === undefined) return;

  const plane = fabric.planeOn(cluster, config);
  const names = [
    ...[node.address, node.hostname, ...(config.vip === undefined ? [] : [config.vip])],
    ...config.cluster.apiServerCertSans,
    ...['kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'localhost', '127.0.0.1'],
    config.cluster.endpoint.hostname,
  ];
  const open = [await plane.serve(config, node.address, names)];
  let holdsVip = false;
  do {
    const vip = holdsVip ? undefined : await plane.takeVip(config, names);
    if (vip !== undefined) {
      open.push(vip);
      holdsVip = true;
    }
  } while (await stillOn(pace.lookAgain));
  await Promise.all(open.map((server) => server.close()));
}

/** The kubelet: waits for the cluster's endpoint, registers the node, and says when it is ready. */
export async function runKubelet(node: TalosNode, config: NodeConfig, signal: AbortSignal): Promise<void> {
  const { clock, random, fabric } = node.host;
  const stillOn = (span: Millis) => stillOnAfter(random.around(span), clock, signal);
  if (!node.host.time.isInSync) {
    node.setService('kubelet', 'Waiting', 'Waiting for time sync');
    if (!(await inSync(node.host, signal))) return;
  }
  node.setService('kubelet', 'Preparing', 'Running pre state', false);
  let plane = fabric.planeFor(config);
  while (plane === undefined) {
    if (!(await stillOn(pace.lookAgain))) return;
    plane = fabric.planeFor(config);
  }
  if (!(await stillOn(pace.startKubelet))) return;
  const { store } = plane;
  const describe = () => nodeObject(node, config, clock.now());
  const live = () => store.find('v1', 'Node', node.hostname);

  const before = live();
  store.put(before === undefined ? describe() : { ...before, status: describe()['status'] }, 'kubelet');
  node.setService('kubelet', 'Running', 'Health check successful', true);
  let hasNetwork = false;
  do {
    if (!hasNetwork && isPodNetworkBrought(plane, node, config)) hasNetwork = await stillOn(pace.startPodNetwork);
    const shown = live();
    // A Node that somebody deleted comes back when its kubelet registers again.
    if (shown === undefined) store.put(describe(), 'kubelet');
    else if (hasNetwork && !isReady(shown)) store.put(withReadiness(shown, 'True', clock.now()), 'kubelet');
  } while (await stillOn(pace.lookAgain));
  const left = live();
  if (left !== undefined) store.put(withReadiness(left, 'Unknown', clock.now()), 'kube-controller-manager');
}

/** Talos brings flannel itself; any other pod network is in what Flux applies. */
function isPodNetworkBrought({ store }: KubernetesPlane, node: TalosNode, config: NodeConfig): boolean {
  if (config.cluster.cni === 'flannel') return true;
  if (!node.host.fluxBringsPodNetwork) return false;
  return store.all('kustomize.toolkit.fluxcd.io/v1', 'Kustomization').some(isReady);
}

/** Talos' own view of its Node, as its conditions and the stage need it. */
export function isReadyInKubernetes(node: TalosNode, config: NodeConfig): boolean {
  const object = node.host.fabric.planeFor(config)?.store.find('v1', 'Node', node.hostname);
  return object !== undefined && isReady(object) && dig(object, 'spec', 'unschedulable') !== true;
}
