import { Code } from '../../talos/gen/common/common_pb.ts';
import {
  PhaseEvent_Action as PhaseAction,
  PhaseEventSchema,
  SequenceEvent_Action as SequenceAction,
  SequenceEventSchema,
  TaskEvent_Action as TaskAction,
  TaskEventSchema,
} from '../../talos/gen/machine/event_pb.ts';
import { runEtcd } from './etcd-service.ts';
import { inSync } from './machine-time.ts';
import type { NodeConfig } from './node-config.ts';
import { isReadyInKubernetes, runControlPlane, runKubelet } from './node-kubernetes.ts';
import { networkOf } from './node-network.ts';
import { pace } from './pace.ts';
import type { PowerAction } from './power-action.ts';
import { aborted, stillOnAfter } from './still-on.ts';
import type { BootEnd } from './talos-host.ts';
import { listenConfigured } from './talos-listener.ts';
import type { TalosNode } from './talos-node.ts';

/** Runs a node that has its config until something takes it down or it loses its power. */
export async function runConfigured(node: TalosNode, config: NodeConfig, power: AbortSignal): Promise<BootEnd> {
  const { host } = node;
  const { clock, random } = host;
  const named = networkOf(config, host);
  const leased = named.length > 0 ? undefined : await host.lease(power);
  const cidrs = leased === undefined ? named : [`${leased}/${host.prefixLength}`];
  node.change({ isConfigured: true, config, cidrs });
  const stop = new AbortController();
  const signal = AbortSignal.any([power, stop.signal]);
  const isControlPlane = config.type === 'controlplane';
  node.events.publish(SequenceEventSchema, { sequence: 'boot', action: SequenceAction.START });
  await clock.sleep(random.around(pace.startServices), signal);
  for (const id of ['machined', 'udevd', 'containerd', 'cri', 'syslogd', 'auditd']) {
    node.setService(id, 'Running', 'Health check successful', true);
  }
  const life = [runApi(node, config, signal), runKubelet(node, config, signal), followStatus(node, config, signal)];
  if (isControlPlane) life.push(runEtcd(node, signal), runControlPlane(node, config, signal));
  const action = await Promise.race([node.action, aborted(power)]);
  if (action === undefined) {
    await Promise.all(life);
    return 'off';
  }
  const isPrepared = await prepare(node, action, power);
  node.events.publish(TaskEventSchema, { task: 'stopAllServices', action: TaskAction.START }, action.actorId);
  stop.abort();
  await Promise.all(life);
  if (power.aborted) return 'off';
  if (isPrepared) action.finish?.();
  if (!(await stillOnAfter(random.around(pace.shutdown), clock, power))) return 'off';
  return isPrepared ? action.end : 'kexec';
}

/** What an action does while services run. False when that failed: then the node only reboots. */
async function prepare(node: TalosNode, action: PowerAction, power: AbortSignal): Promise<boolean> {
  const { clock, random } = node.host;
  const { sequence, actorId, stage } = action;
  node.events.publish(SequenceEventSchema, { sequence, action: SequenceAction.START }, actorId);
  node.change({ stage, unmet: [] });
  const drain = { phase: 'drain', action: PhaseAction.START };
  node.events.publish(PhaseEventSchema, drain, actorId);
  await clock.sleep(random.around(pace.drain), power);
  node.events.publish(PhaseEventSchema, { ...drain, action: PhaseAction.STOP }, actorId);
  try {
    await action.prepare?.();
    return true;
  } catch (reason) {
    const message = reason instanceof Error ? reason.message : String(reason);
    node.say(`${sequence} sequence: failed: ${message}`);
    const error = { code: Code.FATAL, message };
    node.events.publish(SequenceEventSchema, { sequence, action: SequenceAction.STOP, error }, actorId);
    return false;
  }
}

/** apid, and trustd on a control plane. A worker keeps asking for its certificate until a trustd gives it one. */
async function runApi(node: TalosNode, config: NodeConfig, signal: AbortSignal): Promise<void> {
  const { clock, random, fabric } = node.host;
  let trustdDown: (() => void) | undefined;
  const startTrustd = async () => {
    if (!(await inSync(node.host, signal))) return;
    trustdDown = fabric.trustdUp(config, clock);
    node.setService('trustd', 'Running', 'Health check successful', true);
  };
  const trustd = config.type === 'controlplane' ? startTrustd() : Promise.resolve();
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
    await trustd;
    trustdDown?.();
  }
}

/** Keeps MachineStatus true: `booting` until the services are up, and what is still missing after that. */
async function followStatus(node: TalosNode, config: NodeConfig, signal: AbortSignal): Promise<void> {
  const { clock, time } = node.host;
  const required = config.type === 'controlplane' ? ['apid', 'etcd', 'kubelet', 'trustd'] : ['apid', 'kubelet'];
  let shown = '';
  while (!signal.aborted) {
    const down = required.flatMap((id) => {
      const service = node.services.get(id);
      if (service?.state !== 'Running') return [`${id} not running`];
      return service.healthy === false ? [`${id} not healthy`] : [];
    });
    const unmet = [
      ...(time.isInSync ? [] : [{ name: 'time', reason: 'time is not synced' }]),
      ...(down.length === 0 ? [] : [{ name: 'services', reason: down.join(', ') }]),
      ...(isReadyInKubernetes(node, config)
        ? []
        : [{ name: 'nodeReady', reason: `node "${node.hostname}" status is not ready` }]),
    ];
    // Once it has been running, a service that fails does not make it boot again.
    const stage = down.length === 0 || node.stage === 'running' ? 'running' : 'booting';
    const now = JSON.stringify([stage, unmet]);
    // An action that takes the node down has a stage of its own.
    if (now !== shown && (node.stage === 'booting' || node.stage === 'running')) {
      if (stage === 'running' && node.stage === 'booting') {
        node.events.publish(SequenceEventSchema, { sequence: 'boot', action: SequenceAction.STOP });
      }
      node.change({ stage, unmet });
      prove(node, unmet.length === 0);
    }
    shown = now;
    await clock.sleep(pace.lookAgain, signal);
  }
}

/** An upgrade that came up does not fall back any more. */
function prove(node: TalosNode, isReady: boolean): void {
  const install = node.systemDisk?.install;
  if (install !== undefined && isReady) install.isUnproven = false;
}
