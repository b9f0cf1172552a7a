import { type ServiceError, status } from '@grpc/grpc-js';
import {
  type ApplyConfigurationRequest,
  ApplyConfigurationRequest_Mode as Mode,
} from '../../talos/gen/machine/machine_pb.ts';
import { matchDisk } from './match-disk.ts';
import { readNodeConfig } from './node-config.ts';
import { refusal } from './talos-access.ts';
import type { TalosNode } from './talos-node.ts';

export type Taken =
  | { readonly refusal: Partial<ServiceError> }
  | { readonly mode: Mode; readonly details: string; readonly takeEffect: () => void };

/**
 * What a node does with a config. In maintenance mode it starts the
 * installation. On a configured node it is written to STATE; a reboot takes it up, since the simulation changes nothing
 * of a running node. TRY is refused everywhere: what Talos does with it in maintenance mode is a bug of its own.
 */
export function takeConfig(node: TalosNode, request: ApplyConfigurationRequest): Taken {
  const { mode } = request;
  const isOldMaintenance = !node.isConfigured && node.version.startsWith('v1.12.');
  if (mode === Mode.TRY || (isOldMaintenance && (mode === Mode.NO_REBOOT || mode === Mode.STAGED))) {
    return { refusal: refusal(status.UNIMPLEMENTED, `apply configuration mode ${mode} is not supported`) };
  }
  if (node.stage === 'installing' || node.stage === 'rebooting') {
    return { refusal: refusal(status.FAILED_PRECONDITION, 'a configuration is being applied') };
  }
  const read = readNodeConfig(new TextDecoder().decode(request.data), node.version);
  if ('problems' in read) return invalid(read.problems);
  const { config } = read;
  // An installed node is never asked for its install disk again.
  if (node.systemDisk?.install?.config === undefined && matchDisk(config.install.disk, node.host.disks) === undefined) {
    return invalid(['no disk matches the install disk selector']);
  }
  const nothing = { mode, details: 'Dry run summary:', takeEffect: () => undefined };
  if (request.dryRun) return nothing;
  if (mode === Mode.STAGED && !node.isConfigured) return { ...nothing, details: 'Staged configuration' };
  if (!node.isConfigured) {
    return { mode: isOldMaintenance ? mode : Mode.NO_REBOOT, details: '', takeEffect: () => node.accept(config) };
  }
  return {
    mode,
    details: '',
    takeEffect: () => {
      const install = node.systemDisk?.install;
      if (install !== undefined) install.config = config.text;
      if (mode === Mode.REBOOT) node.requestReboot();
    },
  };
}

const invalid = (problems: readonly string[]): Taken => ({
  refusal: refusal(
    status.INVALID_ARGUMENT,
    `${problems.length} error${problems.length === 1 ? '' : 's'} occurred:\n${problems.map((one) => `\t* ${one}\n`).join('')}`,
  ),
});
