import { Command, CommanderError } from 'commander';
import type { ExitCode } from '../core/fault.ts';
import { addAccessCommands } from './access-command.ts';
import { addApplyCommand } from './apply-command.ts';
import { addAssetsCommand } from './assets-command.ts';
import { addBootCommand } from './boot-command.ts';
import { addCertsCommand } from './certs-command.ts';
import type { Cli } from './cli.ts';
import { addDescribeCommand } from './describe-command.ts';
import { addDhcpCommand } from './dhcp-command.ts';
import { addDoctorCommand } from './doctor-command.ts';
import { addGetCommand } from './get-command.ts';
import { addInitCommand } from './init-command.ts';
import { addJournalCommand } from './journal-command.ts';
import { addNetbootCommand } from './netboot-command.ts';
import { addNodeCommand } from './node-command.ts';
import { addPlanCommand } from './plan-command.ts';
import { addResetCommand } from './reset-command.ts';
import { addSchemaCommand } from './schema-command.ts';
import { addSecretsCommand } from './secrets-command.ts';
import { addServeCommand } from './serve-command.ts';
import { addUpCommand } from './up-command.ts';
import { addWatchCommand } from './watch-command.ts';
import type { World } from './world.ts';

/** Runs one command line and gives its exit code (docs/exit-codes.md). Usage errors are 4. */
export async function runCli(argv: readonly string[], world: World): Promise<ExitCode> {
  let exitCode: ExitCode = 0;
  const program = new Command('rackwright')
    .description('Boots racks of machines into Talos Linux clusters and hands the remaining layers to Flux.')
    .version(await version(world))
    .exitOverride()
    .addHelpText('afterAll', exitCodes)
    .configureOutput({ writeOut: (text) => world.out.write(text), writeErr: (text) => world.err.write(text) });

  const cli: Cli = {
    world,
    typed: ['rackwright', ...argv].map(quote).join(' '),
    end: (code) => {
      exitCode = code;
    },
  };
  for (const add of [
    addUpCommand,
    addServeCommand,
    addAccessCommands,
    addBootCommand,
    addCertsCommand,
    addDoctorCommand,
    addSecretsCommand,
    addJournalCommand,
    addWatchCommand,
    addNodeCommand,
    addResetCommand,
    addDhcpCommand,
    addPlanCommand,
    addApplyCommand,
    addGetCommand,
    addDescribeCommand,
    addSchemaCommand,
    addInitCommand,
    addAssetsCommand,
    addNetbootCommand,
  ])
    add(program, cli);

  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    return thrown.exitCode === 0 ? 0 : 4;
  }
}

/** In the help of every command; docs/exit-codes.md has all of it. */
const exitCodes = `
Exit codes: 0 done, 1 failed, 2 there is something to do, 3 refused so that nothing is lost, 4 wrong input,
5 somebody else is at work, 6 time is up, 7 another Talos runs, 130 interrupted. See docs/exit-codes.md.
`;

/** An argument as a shell takes it, so that the command line shown can be copied. */
const quote = (argument: string) =>
  /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`;

async function version(world: World): Promise<string> {
  for (const place of ['../package.json', '../../package.json']) {
    const text = await world.files.readText(new URL(place, import.meta.url).pathname);
    if (text !== undefined) return (JSON.parse(text) as { version: string }).version;
  }
  return 'unknown';
}
