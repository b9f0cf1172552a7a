import type { ExitCode } from '../core/fault.ts';
import type { RackOptions, RackPorts } from './open-rack.ts';
import { runOnRack } from './run-on-rack.ts';

/**
 * Answers the machines of a rack that boot, and writes on none: for a rack that is installed, for one boot from the network
 * that was asked for, and for strangers that are to be looked at. Ends when the operator leaves. Never throws.
 */
export const runServe = (options: RackOptions, ports: RackPorts): Promise<ExitCode> =>
  runOnRack(options, ports, ({ pause }) => ({
    steps: async () => [],
    work: async () => {
      if (!pause.aborted) await new Promise((resolve) => pause.addEventListener('abort', resolve, { once: true }));
      return { kind: 'done', what: 'stopped answering machines that boot' };
    },
  }));
