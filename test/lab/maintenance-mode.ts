import { Code } from '../../talos/gen/common/common_pb.ts';
import {
  SequenceEvent_Action as SequenceAction,
  SequenceEventSchema,
  TaskEvent_Action as TaskAction,
  TaskEventSchema,
} from '../../talos/gen/machine/event_pb.ts';
import { matchDisk } from './match-disk.ts';
import type { NodeConfig } from './node-config.ts';
import { networkOf } from './node-network.ts';
import { pace } from './pace.ts';
import { maintenanceIdentity } from './sim-pki.ts';
import { aborted, stillOnAfter } from './still-on.ts';
import type { BootEnd } from './talos-host.ts';
import { listenConfigured, listenTalos } from './talos-listener.ts';
import type { TalosNode } from './talos-node.ts';
import { isSince } from './talos-release.ts';

const task = 'runningMaintenance';

/** Waits for a config on the leased address, for anybody who comes, and then installs. */
export async function runMaintenance(node: TalosNode, signal: AbortSignal): Promise<BootEnd> {
  const { host } = node;
  const { clock } = host;
  const address = await host.lease(signal);
  if (address === undefined || signal.aborted) return 'off';
  node.change({ stage: 'maintenance', cidrs: [`${address}/${host.prefixLength}`] });
  for (const id of ['machined', 'apid', 'udevd', 'containerd', 'syslogd']) {
    node.setService(id, 'Running', 'Health check successful', true);
  }
  node.events.publish(TaskEventSchema, { task, action: TaskAction.START });
  const newIdentity = () => maintenanceIdentity([node.address, node.hostname], clock);
  const listener = await listenTalos(node, { address: node.address, identity: await newIdentity() });
  // A new key with each certificate: within one boot the fingerprint changes.
  node.renewCertificate = async () => listener.renew(await newIdentity());
  const config = await Promise.race([node.accepted, aborted(signal)]);
  if (config !== undefined) {
    node.events.publish(TaskEventSchema, { task, action: TaskAction.STOP });
    node.change({ stage: 'installing' });
    await clock.sleep(pace.configTakeover, signal);
  }
  await listener.close();
  return config === undefined ? 'off' : install(node, config, signal);
}

/**
 * The install sequence. The config is in memory only until the disk is written, so that a failure ends in maintenance
 * mode again. From Talos 1.13 on a control plane answers meanwhile, on its new address and to holders of the keys.
 */
async function install(node: TalosNode, config: NodeConfig, signal: AbortSignal): Promise<BootEnd> {
  const { host } = node;
  const { clock, random } = host;
  const named = networkOf(config, host);
  node.change({ isConfigured: true, config, cidrs: named.length > 0 ? named : node.cidrs });
  const answersMeanwhile = config.type === 'controlplane' && isSince(node.version, 13);
  const listener = answersMeanwhile ? await listenConfigured(node, config) : undefined;
  const sequence = 'install';
  node.events.publish(SequenceEventSchema, { sequence, action: SequenceAction.START });
  /** A fatal error: Talos says why, waits, and resets the machine. The log is gone with this boot. */
  const fail = async (reason: string): Promise<BootEnd> => {
    node.say(`task install (1/1): failed: ${reason}`);
    node.say('install sequence: failed, rebooting');
    const error = { code: Code.FATAL, message: reason };
    node.events.publish(SequenceEventSchema, { sequence, action: SequenceAction.STOP, error });
    return (await stillOnAfter(pace.panicReboot, clock, signal)) ? 'reset' : 'off';
  };
  try {
    if (host.disks.some((disk) => disk.install !== undefined)) {
      // Talos skips its install sequence on a machine with a META partition on any disk, and does not reboot.
      await aborted(signal);
      return 'off';
    }
    // Without an install disk a machine of 1.14 waits for LifecycleService.Install.
    if (config.install === undefined) {
      await aborted(signal);
      return 'off';
    }
    const image = config.install.image ?? `ghcr.io/siderolabs/installer:${node.version}`;
    node.say(`pulling installer image ${image}`);
    if (!(await stillOnAfter(random.around(pace.pullInstaller), clock, signal))) return 'off';
    if (host.strikes('install-fails')) return await fail(`failed to pull image "${image}": not found`);
    const target = matchDisk(config.install.disk, host.disks);
    if (target === undefined) return await fail('no disk matches the install disk selector');
    node.say(`installing Talos to ${target.hardware.path}`);
    if (!(await stillOnAfter(random.around(pace.writeDisk), clock, signal))) return 'off';
    const tag = /:(v[^:/@]+)$/.exec(image)?.[1];
    const isKept = !host.strikes('back-in-maintenance') && !node.isOnTrial;
    const schematic = /\/(?:metal-)?installer(?:-secureboot)?\/([0-9a-f]{64}):/.exec(image)?.[1];
    target.writeTalos(tag ?? node.version, isKept ? config.text : undefined, schematic);
    node.events.publish(SequenceEventSchema, { sequence, action: SequenceAction.STOP });
    node.change({ stage: 'rebooting' });
    return (await stillOnAfter(random.around(pace.shutdown), clock, signal)) ? 'kexec' : 'off';
  } finally {
    await listener?.close();
  }
}
