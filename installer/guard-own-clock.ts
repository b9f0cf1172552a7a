import { defineFault } from '../core/fault.ts';
import type { RackSpec } from '../core/rack-spec.ts';
import type { Plan, Step } from '../core/step.ts';
import type { Override } from './checks/override.ts';
import { ownClockCheck } from './checks/own-clock-check.ts';
import { type OwnClockProbe, probeOwnClock } from './checks/probe-own-clock.ts';
import type { RackProbes } from './checks/probes.ts';

const ownClockWrong = defineFault<{ title: string; says: string; hint: string }>('installer/own-clock-wrong', {
  kind: 'operator',
  exitCode: 3,
  title: ({ title, says }) => `${title} was not begun: ${says}`,
  state: () =>
    'Keys that are minted now would not be good, or would end too early, on machines whose clocks are right.',
  remedy: ({ hint }) => `${hint} Then run the same command again; or give --override own-clock=REASON.`,
});

export interface OwnClockGuard {
  readonly spec: RackSpec;
  readonly ports: OwnClockProbe;
  readonly overrides: readonly Override[];
}

/** What begins the life of a cluster, and takes the time from this computer or from a machine that was set by it. */
const concerned: ReadonlySet<string> = new Set(['secrets', 'talosconfig', 'bootstrap-etcd']);

/**
 * The same plan, in which no key is minted and no etcd bootstrapped while the clock of this computer is known to be wrong,
 * also by a run that has nothing to write any more and so checks nothing else.
 */
export const guardOwnClock = (plan: Plan, guard: OwnClockGuard): Plan =>
  plan.map((step) => (concerned.has(step.id) ? guardStep(step, guard) : step));

function guardStep(step: Step, { spec, ports, overrides }: OwnClockGuard): Step {
  const isOverridden = overrides.some(({ check, machine }) => check === ownClockCheck.id && machine === undefined);
  return {
    ...step,
    async check(past, signal) {
      const verdict = await step.check(past, signal);
      if (verdict.kind !== 'todo' || isOverridden) return verdict;
      const probes: RackProbes = { ownClock: await probeOwnClock(spec, ports, signal) };
      const { status, says, hint = '' } = ownClockCheck.judge({ spec, rack: { machines: new Map() }, probes });
      if (status === 'fail') throw ownClockWrong({ title: step.title, says, hint });
      return verdict;
    },
  };
}
