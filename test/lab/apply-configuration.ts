import { status } from '@grpc/grpc-js';
import { millis } from '../../core/millis.ts';
import {
  type ApplyConfigurationRequest,
  ApplyConfigurationRequest_Mode as Mode,
} from '../../talos/gen/machine/machine_pb.ts';
import { matchDisk } from './match-disk.ts';
import { needsReboot } from './needs-reboot.ts';
import { type NodeConfig, readNodeConfig } from './node-config.ts';
import { isOldMaintenance } from './talos-access.ts';
import { Refusal } from './talos-call.ts';
import type { TalosNode } from './talos-node.ts';
import { isSince } from './talos-release.ts';

export interface Taken {
  /** The mode that was used in the end. */
  readonly mode: Mode;
  readonly details: string;
  readonly takeEffect: () => void;
}

/** What a node does with a config; throws a refusal. In maintenance mode it starts the installation. */
export function takeConfig(node: TalosNode, request: ApplyConfigurationRequest): Taken {
  const { mode } = request;
  refuseMode(node, mode);
  if (node.stage === 'installing' || node.stage === 'rebooting' || node.isRebootDue) {
    throw new Refusal(status.FAILED_PRECONDITION, 'a configuration is being applied');
  }
  const read = readNodeConfig(new TextDecoder().decode(request.data), node.version);
  if ('problems' in read) throw invalid(read.problems);
  const { config } = read;
  // An installed node is never asked for its install disk again.
  const wish = config.install?.disk;
  if (
    node.systemDisk?.install?.config === undefined &&
    wish !== undefined &&
    matchDisk(wish, node.host.disks) === undefined
  ) {
    throw invalid(['no disk matches the install disk selector']);
  }
  const nothing = { mode, details: 'Dry run summary:', takeEffect: () => undefined };
  if (request.dryRun) return nothing;
  return node.isConfigured ? takeWhileRunning(node, config, request) : takeInMaintenance(node, config, mode);
}

function refuseMode(node: TalosNode, mode: Mode): void {
  const isRefused = isOldMaintenance(node)
    ? mode === Mode.NO_REBOOT || mode === Mode.STAGED
    : node.isConfigured && mode === Mode.REBOOT && isSince(node.version, 14);
  if (isRefused) throw new Refusal(status.UNIMPLEMENTED, `apply configuration mode ${mode} is not supported`);
}

function takeInMaintenance(node: TalosNode, config: NodeConfig, mode: Mode): Taken {
  const isOld = isOldMaintenance(node);
  if (mode === Mode.STAGED) return { mode, details: 'Staged configuration', takeEffect: () => undefined };
  const used = isOld || mode === Mode.TRY ? mode : Mode.NO_REBOOT;
  return {
    mode: used,
    details: '',
    takeEffect: () => {
      // From 1.13 on a trial installs all the same, and then goes back to what was before: no config.
      node.isOnTrial = mode === Mode.TRY && !isOld;
      node.accept(config);
    },
  };
}

/** The simulation changes nothing of what runs but the config that it shows; the rest comes with the next boot. */
function takeWhileRunning(node: TalosNode, config: NodeConfig, request: ApplyConfigurationRequest): Taken {
  const { mode } = request;
  const before = node.config;
  // 1.14 never reboots by itself: what needs it waits for the next one.
  const reason = before === undefined || isSince(node.version, 14) ? undefined : needsReboot(before.text, config.text);
  if (reason !== undefined && (mode === Mode.NO_REBOOT || mode === Mode.TRY)) {
    throw new Refusal(status.INVALID_ARGUMENT, `this config change can't be applied in immediate mode: ${reason}`);
  }
  const used = mode === Mode.AUTO ? (reason === undefined ? Mode.NO_REBOOT : Mode.REBOOT) : mode;
  const keep = () => {
    const install = node.systemDisk?.install;
    if (install !== undefined) install.config = config.text;
  };
  const takeEffect = () => {
    if (used !== Mode.TRY) keep();
    if (used === Mode.NO_REBOOT || used === Mode.TRY) node.change({ config });
    if (used === Mode.TRY && before !== undefined) {
      const span = Number(request.tryModeTimeout?.seconds ?? 60n) * 1000;
      void node.host.clock.sleep(millis(span)).then(() => {
        if (node.config === config) node.change({ config: before });
      });
    }
    if (used === Mode.REBOOT) {
      node.isRebootDue = true;
      node.act({ sequence: 'reboot', actorId: node.events.newActor(), stage: 'rebooting', end: 'kexec' });
    }
  };
  return {
    mode: used,
    details: reason === undefined ? '' : `Applied configuration with a reboot: ${reason}`,
    takeEffect,
  };
}

function invalid(problems: readonly string[]): Refusal {
  const lines = problems.map((one) => `\t* ${one}\n`).join('');
  return new Refusal(
    status.INVALID_ARGUMENT,
    `${problems.length} error${problems.length === 1 ? '' : 's'} occurred:\n${lines}`,
  );
}
