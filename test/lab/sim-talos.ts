import { runConfigured } from './configured-mode.ts';
import { runMaintenance } from './maintenance-mode.ts';
import { readNodeConfig } from './node-config.ts';
import { pace } from './pace.ts';
import { installBeside, swapBootEntries } from './sim-disk.ts';
import { stillOnAfter } from './still-on.ts';
import type { BootEnd, TalosHost } from './talos-host.ts';
import { TalosNode } from './talos-node.ts';

/**
 * One boot of Talos. A disk with a config on its STATE partition is continued, also when the kernel came over the
 * network; without one the node waits in maintenance mode.
 */
export async function runTalos(
  host: TalosHost,
  from: 'network' | 'disk',
  signal: AbortSignal,
  onBoot: (node: TalosNode) => void = () => undefined,
): Promise<BootEnd> {
  const { clock, random, counters } = host;
  const install = host.disks.find((disk) => disk.install !== undefined)?.install;
  await clock.sleep(random.around(from === 'network' ? pace.kernelBoot : pace.kexec), signal);
  if (signal.aborted) return 'off';
  counters.talosBoots += 1;
  if (from === 'disk' && install !== undefined) {
    if (install.staged !== undefined) {
      installBeside(install, install.staged);
      install.staged = undefined;
    }
    if (install.isUnproven && host.strikes('upgrade-panics')) {
      swapBootEntries(install);
      return (await stillOnAfter(pace.panicReboot, clock, signal)) ? 'kexec' : 'off';
    }
    if (host.strikes('reboot-loop')) {
      return (await stillOnAfter(pace.panicReboot, clock, signal)) ? 'reset' : 'off';
    }
  }
  const version = from === 'network' ? host.machine.talosVersion : (install?.version ?? host.machine.talosVersion);
  const node = new TalosNode(host, version);
  onBoot(node);
  const ended = new AbortController();
  const onJump = async () => {
    await node.renewCertificate();
    node.change({});
    node.say('the clock was set by a time server');
  };
  const timeKept = host.time.keep(onJump, AbortSignal.any([signal, ended.signal]));
  try {
    const read = install?.config === undefined ? undefined : readNodeConfig(install.config, version);
    if (read !== undefined && 'config' in read) return await runConfigured(node, read.config, signal);
    counters.maintenanceBoots += 1;
    return await runMaintenance(node, signal);
  } finally {
    ended.abort();
    await timeKept;
  }
}
