import { faultFrom } from '../core/fault.ts';
import type { PlannedChange } from '../core/plan-view.ts';
import type { MachineSpec } from '../core/rack-spec.ts';
import {
  connectTalos,
  contractOf,
  createSecrets,
  diffConfigs,
  renderMachineConfig,
  resourceKinds,
} from '../talos/index.ts';
import { chooseLinks } from './choose-link.ts';
import type { OpenRack } from './open-rack.ts';
import type { PreparedInstall } from './prepare-install.ts';
import { resolveDisk } from './resolve-disk.ts';
import { resolveMachine } from './resolve-machines.ts';

/**
 * What the config of each machine changes, without secrets: against the config that it runs, or against nothing where it
 * has none yet. Where the cluster has no keys yet, throw-away ones stand in for them.
 */
export async function planChanges(
  open: OpenRack,
  { rack }: Pick<PreparedInstall, 'rack'>,
): Promise<ReadonlyMap<string, readonly PlannedChange[]>> {
  const { spec } = open.options.rackFile;
  const { random } = open.ports;
  const secrets = (await open.secrets.read()) ?? (await createSecrets(open.ports));
  const changes = await Promise.all(
    spec.machines.map(async (entry) => {
      const resolution = resolveMachine(entry, spec, rack);
      const talos = resolution.kind === 'found' ? resolution.machine.talos : undefined;
      const choice = talos === undefined ? undefined : resolveDisk(entry.disk, talos.disks);
      if (talos === undefined || choice?.kind !== 'one') return [];
      const before = talos.mode === 'configured' ? await runningConfig(open, entry) : '';
      if (before === undefined) return [];
      const links = chooseLinks(entry, talos);
      const after = renderMachineConfig({ spec, machine: entry, secrets, installDisk: choice.disk, ...links });
      return [[entry.name, diffConfigs(before, after, { minor: contractOf(spec.talos.version), random })] as const];
    }),
  );
  return new Map(changes.flat());
}

/** The config that a machine runs; `undefined` when it does not give it. */
async function runningConfig({ secrets, options }: OpenRack, { address }: MachineSpec): Promise<string | undefined> {
  const keys = await secrets.keys();
  if (keys === undefined) return undefined;
  const client = connectTalos({ address, keys });
  try {
    const { namespace, type } = resourceKinds.machineConfigs;
    const resource = await client.cosiGet({ namespace, type, id: 'v1alpha1' }, { signal: options.stop });
    return typeof resource?.spec === 'string' ? resource.spec : undefined;
  } catch (thrown) {
    const fault = faultFrom(thrown);
    if (fault.kind === 'bug') throw fault;
    return undefined;
  } finally {
    client.close();
  }
}
