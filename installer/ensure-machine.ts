import { defineFault } from '../core/fault.ts';
import type { MachineSpec, RackSpec } from '../core/rack-spec.ts';

const noSuchMachine = defineFault<{ machine: string; known: readonly string[] }>('installer/no-such-machine', {
  kind: 'operator',
  exitCode: 4,
  title: ({ machine }) => `The rack file has no machine ${machine}`,
  state: () => 'Nothing was started.',
  remedy: ({ known }) => `It has ${known.join(', ')}.`,
});

/** The entry of that name. Fault `installer/no-such-machine`. */
export function ensureMachine({ machines }: Pick<RackSpec, 'machines'>, machine: string): MachineSpec {
  const entry = machines.find(({ name }) => name === machine);
  if (entry === undefined) throw noSuchMachine({ machine, known: machines.map(({ name }) => name) });
  return entry;
}
