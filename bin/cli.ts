import type { Command } from 'commander';
import type { ExitCode } from '../core/fault.ts';
import type { World } from './world.ts';

/** What a command of the command line is given. */
export interface Cli {
  readonly world: World;
  /** The command line as typed, in a form that a shell takes. */
  readonly typed: string;
  /** Says how the command ended. */
  readonly end: (exitCode: ExitCode) => void;
}

/** Adds one command, with its options and what it does, to the program. */
export type AddCommand = (program: Command, cli: Cli) => void;
