import { type CheckResult, isBlocking } from '../../core/check-result.ts';
import type { Rack } from '../../core/rack.ts';
import type { RackSpec } from '../../core/rack-spec.ts';
import { resolveMachine } from '../resolve-machines.ts';
import { machineChecks } from './catalog.ts';
import type { MachineSubject } from './check.ts';
import type { Override } from './override.ts';
import type { Probes } from './probes.ts';
import { rackChecks } from './rack-checks.ts';

export interface CheckInput {
  readonly spec: RackSpec;
  readonly rack: Rack;
  readonly probes: Probes;
  readonly overrides: readonly Override[];
  /** Milliseconds since 1970 on this computer. */
  readonly now: number;
}

/** All checks of the rack as a whole. Pure. */
export const checkRack = ({ spec, rack, probes, overrides }: CheckInput): readonly CheckResult[] =>
  rackChecks.map(({ id, judge }) =>
    withOverride({ check: id, ...judge({ spec, rack, probes: probes.rack }) }, overrides),
  );

/** All checks of one machine that is to be written. Pure. */
export function checkMachine(name: string, { spec, rack, probes, overrides, now }: CheckInput): readonly CheckResult[] {
  const entry = spec.machines.find((one) => one.name === name);
  if (entry === undefined) return [];
  const resolution = resolveMachine(entry, spec, rack);
  const machine =
    resolution.kind === 'found'
      ? resolution.machine
      : [...rack.machines.values()].find(({ macs, uuid }) =>
          entry.mac === undefined ? uuid === entry.uuid : macs.includes(entry.mac),
        );
  const subject: MachineSubject = {
    spec,
    entry,
    rack,
    ...(machine === undefined ? {} : { machine }),
    ...(machine?.talos === undefined ? {} : { talos: machine.talos }),
    probes: probes.machines.get(name) ?? {},
    now,
  };
  return machineChecks.map(({ id, isFinal = false, judge }) =>
    withOverride({ check: id, machine: name, ...judge(subject) }, isFinal ? [] : overrides),
  );
}

/** What stands in the way, each with its id: `cpu: It has 1 cores; …`. */
export const obstaclesIn = (results: readonly CheckResult[]): readonly string[] =>
  results.filter(isBlocking).map(({ check, says }) => `${check}: ${says}`);

function withOverride(result: CheckResult, overrides: readonly Override[]): CheckResult {
  if (result.status !== 'fail') return result;
  const found = overrides.findLast(
    ({ check, machine }) => check === result.check && (machine === undefined || machine === result.machine),
  );
  return found === undefined ? result : { ...result, override: found.reason };
}
