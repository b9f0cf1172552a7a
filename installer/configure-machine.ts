import { defineFault } from '../core/fault.ts';
import type { TalosObservation } from '../core/machine.ts';
import type { MachineSpec, RackSpec } from '../core/rack-spec.ts';
import {
  contractOf,
  renderMachineConfig,
  type TalosClient,
  type TalosSecrets,
  validateConfig,
} from '../talos/index.ts';
import { chooseLinks } from './choose-link.ts';
import { diskChanged } from './installer-faults.ts';
import { type DiskId, resolveDisk } from './resolve-disk.ts';

const configInvalid = defineFault<{ name: string; where: string; why: string }>('installer/config-invalid', {
  kind: 'operator',
  exitCode: 4,
  title: ({ name, where, why }) =>
    `The config of ${name} would be refused by Talos or does not fit the machine: ${where}: ${why}`,
  state: ({ name }) => `It was not sent; nothing was written on ${name}.`,
  remedy: () => 'Correct what it names in the rack file; if it is not there, please report this.',
});

export interface ConfigureMachine {
  readonly spec: RackSpec;
  readonly entry: MachineSpec;
  readonly observation: TalosObservation;
  readonly secrets: TalosSecrets;
  readonly approved: DiskId | undefined;
}

/**
 * Sends a machine in maintenance mode its config, upon which Talos writes the disk. The last guard before that: the disk
 * that is there now is the one that was approved, or fault `installer/disk-changed`.
 */
export async function configureMachine(
  { spec, entry, observation, secrets, approved }: ConfigureMachine,
  client: Pick<TalosClient, 'applyConfiguration'>,
  signal: AbortSignal,
): Promise<void> {
  const choice = resolveDisk(entry.disk, observation.disks);
  const now = choice.kind === 'one' ? choice.id : choice.kind;
  if (choice.kind !== 'one' || now !== approved) {
    throw diskChanged({ name: entry.name, approved: approved ?? 'none', now });
  }
  const links = chooseLinks(entry, observation);
  const config = renderMachineConfig({ spec, machine: entry, secrets, installDisk: choice.disk, ...links });
  const [problem] = validateConfig(config, { minor: contractOf(spec.talos.version), machine: observation });
  if (problem !== undefined) throw configInvalid({ name: entry.name, where: problem.path, why: problem.message });
  await client.applyConfiguration({ config, mode: 'AUTO' }, { signal });
}
