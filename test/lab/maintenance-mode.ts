import { matchDisk } from './match-disk.ts';
import type { NodeConfig } from './node-config.ts';
import { networkOf } from './node-network.ts';
import { pace } from './pace.ts';
import { maintenanceIdentity } from './sim-pki.ts';
import { aborted, stillOnAfter } from './still-on.ts';
import type { BootEnd } from './talos-host.ts';
import { listenConfigured, listenTalos } from './talos-listener.ts';
import type { TalosNode } from './talos-node.ts';

/** Waits for a config on the leased address, for anybody who comes, and then installs. */
export async function runMaintenance(node: TalosNode, signal: AbortSignal): Promise<BootEnd> {
  const { host } = node;
  const { clock, machine } = host;
  await host.lease(signal);
  if (signal.aborted) return 'off';
  node.change({ stage: 'maintenance', cidrs: [`${machine.leasedAddress}/${host.prefixLength}`] });
  for (const id of ['machined', 'apid', 'udevd', 'containerd', 'syslogd']) {
    node.setService(id, 'Running', 'Health check successful', true);
  }
  const identity = await maintenanceIdentity([node.address, node.hostname], clock);
  const listener = await listenTalos(node, { address: node.address, identity });
  const config = await Promise.race([node.accepted, aborted(signal)]);
  if (config !== undefined) {
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
  node.change({ isConfigured: true, config, cidrs: networkOf(config, host) });
  const answersMeanwhile = config.type === 'controlplane' && !node.version.startsWith('v1.12.');
  const listener = answersMeanwhile ? await listenConfigured(node, config) : undefined;
  try {
    if (host.disks.some((disk) => disk.install !== undefined)) {
      // Talos skips its install sequence on a machine with a META partition on any disk, and does not reboot.
      await aborted(signal);
      return 'off';
    }
    if (!(await stillOnAfter(random.around(pace.pullInstaller), clock, signal))) return 'off';
    if (host.strikes('install-fails')) return (await stillOnAfter(pace.panicReboot, clock, signal)) ? 'reset' : 'off';
    const target = matchDisk(config.install.disk, host.disks);
    if (target === undefined) return 'reset';
    if (!(await stillOnAfter(random.around(pace.writeDisk), clock, signal))) return 'off';
    const tag = /:(v[^:/@]+)$/.exec(config.install.image ?? '')?.[1];
    target.writeTalos(tag ?? node.version, host.strikes('back-in-maintenance') ? undefined : config.text);
    node.change({ stage: 'rebooting' });
    return (await stillOnAfter(random.around(pace.shutdown), clock, signal)) ? 'kexec' : 'off';
  } finally {
    await listener?.close();
  }
}
