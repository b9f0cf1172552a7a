import { type ExitCode, faultFrom, viewOf } from '../core/fault.ts';
import { printable, renderFault } from '../ui/index.ts';
import { lookOf } from './print-lines.ts';
import type { World } from './world.ts';

/** A command that answers and has no run to show: data goes to standard output, a fault to standard error. */
export async function answer(world: Pick<World, 'err' | 'env'>, work: () => Promise<ExitCode>): Promise<ExitCode> {
  try {
    return await work();
  } catch (thrown) {
    const fault = faultFrom(thrown);
    const look = lookOf(world);
    for (const line of renderFault(viewOf(fault))) world.err.write(`${printable(line, look)}\n`);
    return fault.exitCode;
  }
}
