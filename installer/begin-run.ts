import { defineFault } from '../core/fault.ts';
import type { Plan } from '../core/step.ts';
import { checkSettings } from './check-settings.ts';
import type { OpenRack } from './open-rack.ts';

const cannotRetry = defineFault<{ step: string; allowed: readonly string[] }>('installer/cannot-retry', {
  kind: 'operator',
  exitCode: 4,
  title: ({ step }) => `--retry ${step}: there is no such step that could be allowed to start again`,
  state: () => 'Nothing was started.',
  remedy: ({ allowed }) =>
    allowed.length === 0
      ? 'No step was started before that must not be repeated; leave --retry out.'
      : `Allowed are ${allowed.join(', ')}.`,
});

const otherRack = defineFault<{ rack: string; other: string }>('installer/other-rack', {
  kind: 'operator',
  exitCode: 4,
  title: ({ rack, other }) => `The state directory belongs to the rack ${other}, not to ${rack}`,
  state: () => 'Nothing was started.',
  remedy: () =>
    'Give each rack a state directory of its own (--state), or leave --state out; a cluster cannot be renamed.',
});

/**
 * Says in the journal that a run begins, and which `once` steps of `plan` the operator lets it start again. Faults:
 * `installer/other-rack`, `installer/settings-changed`, `installer/cannot-retry`; then the journal is as it was.
 */
export async function beginRun({ journal, options }: OpenRack, plan: Plan): Promise<void> {
  const { command, retry, rackFile } = options;
  const rack = rackFile.spec.name;
  const other = journal.entries
    .map(({ record }) => record)
    .find((record) => record.type === 'run.started' && record.rack !== rack);
  if (other?.type === 'run.started') throw otherRack({ rack, other: other.rack });
  checkSettings(rackFile.spec, journal);
  const wasStarted = (step: string) => journal.pastOf(step).uncertain || journal.pastOf(step).confirmed;
  const allowed = plan.filter((step) => step.once && wasStarted(step.id)).map((step) => step.id);
  for (const step of retry) if (!allowed.includes(step)) throw cannotRetry({ step, allowed });
  await journal.append({ type: 'run.started', rack, command });
  for (const step of retry) await journal.append({ type: 'step.permitted', step, reason: command });
}
