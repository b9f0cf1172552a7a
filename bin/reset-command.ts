import type { Millis } from '../core/millis.ts';
import { discoveryTimeout, runRemoveDead, runReset } from '../installer/index.ts';
import type { AddCommand } from './cli.ts';
import { changing } from './node-command.ts';
import { onRack, type RackFlags } from './on-rack.ts';

interface ResetFlags extends RackFlags {
  readonly dead: boolean;
  readonly dryRun: boolean;
  readonly yes: boolean;
  readonly confirm?: readonly string[];
  readonly wait?: Millis;
}

/** `rackwright reset`: one machine out of the cluster, and back to maintenance mode. */
export const addResetCommand: AddCommand = (program, cli) => {
  const command = program
    .command('reset')
    .description(
      'Takes a machine out of Kubernetes and etcd, wipes its system disk and boots it into maintenance mode.',
    )
    .argument('<rack-file>', 'the rack file')
    .argument('<machine>', 'its name in the rack file')
    .option(
      '--dead',
      'it is switched off for good: etcd and Kubernetes forget it, its disk stays as it is (asks for its name)',
      false,
    );
  changing(command).action(async (path: string, machine: string, flags: ResetFlags) => {
    cli.end(
      await onRack({ path, flags, command: cli.typed, readOnly: flags.dryRun }, cli.world, (options, ask) =>
        (flags.dead ? runRemoveDead : runReset)(
          {
            ...options,
            machine,
            approval: { yes: flags.yes, confirm: flags.confirm ?? [], ask },
            discoveryTimeout: flags.wait ?? discoveryTimeout,
          },
          cli.world,
        ),
      ),
    );
  });
};
