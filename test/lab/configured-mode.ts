import { runEtcd } from './etcd-service.ts';
import type { NodeConfig } from './node-config.ts';
import { isReadyInKubernetes, runControlPlane, runKubelet } from './node-kubernetes.ts';
import { networkOf } from './node-network.ts';
import { pace } from './pace.ts';
import { aborted, stillOnAfter } from './still-on.ts';
import type { BootEnd } from './talos-host.ts';
import { listenConfigured } from './talos-listener.ts';
import type { TalosNode } from './talos-node.ts';

/** Runs a node that has its config until it reboots or loses its power. */
export async function runConfigured(node: TalosNode, config: NodeConfig, power: AbortSignal): Promise<BootEnd> {
  const { host } = node;
  const { clock, random } = host;
  const cidrs = networkOf(config, host);
  if (cidrs[0]?.startsWith(`${host.machine.leasedAddress}/`) === true) await host.lease(power);
  node.change({ isConfigured: true, config, cidrs });
  const signal = AbortSignal.any([power, node.rebootRequested]);
  const isControlPlane = config.type === 'controlplane';
  await clock.sleep(random.around(pace.startServices), signal);
  for (const id of ['machined', 'udevd', 'containerd', 'cri', 'syslogd', 'auditd']) {
    node.setService(id, 'Running', 'Health check successful', true);
  }
  const life = [runApi(node, config, signal), runKubelet(node, config, signal), followStatus(node, config, signal)];
  if (isControlPlane) life.push(runEtcd(node, signal), runControlPlane(node, config, signal));
  await Promise.all(life);
  if (power.aborted) return 'off';
  node.change({ stage: 'rebooting' });
  return (await stillOnAfter(random.around(pace.shutdown), clock, power)) ? 'kexec' : 'off';
}

/** apid, and trustd on a control plane. A worker keeps asking for its certificate until a trustd gives it one. */
async function runApi(node: TalosNode, config: NodeConfig, signal: AbortSignal): Promise<void> {
  const { clock, random, fabric } = node.host;
  const trustdDown = config.type === 'controlplane' ? fabric.trustdUp(config) : undefined;
  if (trustdDown !== undefined) node.setService('trustd', 'Running', 'Health check successful', true);
  try {
    node.setService('apid', 'Preparing', 'Running pre state', false);
    let listener = await listenConfigured(node, config);
    while (listener === undefined) {
      if (!(await stillOnAfter(random.around(pace.lookAgain), clock, signal))) return;
      listener = await listenConfigured(node, config);
    }
    node.setService('apid', 'Running', 'Health check successful', true);
    await aborted(signal);
    await listener.close();
  } finally {
    trustdDown?.();
  }
}

/** Keeps MachineStatus true: `booting` until the services are up, and what is still missing after that. */
async function followStatus(node: TalosNode, config: NodeConfig, signal: AbortSignal): Promise<void> {
  const { clock } = node.host;
  const required = config.type === 'controlplane' ? ['apid', 'etcd', 'kubelet', 'trustd'] : ['apid', 'kubelet'];
  let shown = '';
  while (!signal.aborted) {
    const down = required.flatMap((id) => {
      const service = node.services.get(id);
      if (service?.state !== 'Running') return [`${id} not running`];
      return service.healthy === false ? [`${id} not healthy`] : [];
    });
    const unmet = [
      ...(down.length === 0 ? [] : [{ name: 'services', reason: down.join(', ') }]),
      ...(isReadyInKubernetes(node, config)
        ? []
        : [{ name: 'nodeReady', reason: `node "${node.hostname}" status is not ready` }]),
    ];
    // Once it has been running, a service that fails does not make it boot again.
    const stage = down.length === 0 || node.stage === 'running' ? 'running' : 'booting';
    const now = JSON.stringify([stage, unmet]);
    if (now !== shown) node.change({ stage, unmet });
    shown = now;
    await clock.sleep(pace.lookAgain, signal);
  }
}
