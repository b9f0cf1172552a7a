import type { Emit } from '../core/event.ts';
import { defineFault } from '../core/fault.ts';
import type { Journal } from '../core/journal.ts';
import type { Disk } from '../core/machine.ts';
import { type Millis, minutes } from '../core/millis.ts';
import type { PlannedMachine, PlanView } from '../core/plan-view.ts';
import type { Clock } from '../core/ports.ts';
import type { Memory } from '../core/step.ts';
import { parseTimestamp } from '../core/timestamp.ts';
import type { DiskId } from './resolve-disk.ts';
import { installStepId } from './steps/install-machine.ts';
import type { DisksToWrite } from './view-plan.ts';

export interface Approval {
  /** `--yes`: stands in for the question, never for the loss of data. */
  readonly yes: boolean;
  /** `--confirm NAME`, each time: a machine whose data may be lost, or the rack for all of them. */
  readonly confirm: readonly string[];
  /** Asks the operator; each name must be typed, because data of that machine would be lost. */
  readonly ask: (plan: PlanView, asked: { readonly needsTypedNames: readonly string[] }) => Promise<'yes' | 'no'>;
}

/** How long a yes holds for a disk whose install has not begun: for the day on which somebody has looked at the plan. */
export const approvalSpan: Millis = minutes(24 * 60);
/** Clocks of two operators' computers may differ by so much. */
const clockSlack: Millis = minutes(5);

const notApproved = defineFault<{ losing: readonly string[]; instead: string; does: string }>(
  'installer/not-approved',
  {
    kind: 'operator',
    exitCode: 3,
    title: ({ losing, does }) =>
      losing.length === 0 ? 'The plan was not approved' : `The plan was not approved: it ${does} ${losing.join(', ')}`,
    state: () => 'Nothing was written on any machine.',
    remedy: ({ losing, instead }) =>
      losing.length === 0
        ? 'Run the same command again and say y, or give --yes.'
        : `Run the same command again and type the name of each of these machines, or give --yes --confirm ${instead}.`,
  },
);

/**
 * Asks for a plan unless the flags answer: a yes, and the name of each machine whose data would be lost (`losing`), or to which
 * it `does` something else that is for ever, and then the rack's name does not stand for the machine's. Gives who said yes. Fault `installer/not-approved`.
 */
export async function askApproval(
  plan: PlanView,
  losing: readonly string[],
  approval: Approval,
  does?: string,
): Promise<'flags' | 'prompt'> {
  const { yes, confirm, ask } = approval;
  const isForAll = does === undefined && confirm.includes(plan.rack);
  const needsTypedNames = isForAll ? [] : losing.filter((name) => !confirm.includes(name));
  if (yes && needsTypedNames.length === 0) return 'flags';
  if ((await ask(plan, { needsTypedNames })) === 'no') {
    const instead = does === undefined ? plan.rack : (losing[0] ?? '');
    throw notApproved({ losing, instead, does: does ?? 'destroys what is on the disks of' });
  }
  return 'prompt';
}

export interface ApprovalDesk {
  readonly journal: Journal;
  readonly approval: Approval;
  readonly settings: Memory;
  readonly clock: Pick<Clock, 'now'>;
  readonly emit: Emit;
}

/**
 * The disks that the operator agreed to have written, by machine: those of this plan, and those whose install has begun. What
 * the journal holds as approved is not asked for again while it is the same disk of the same machine with the same things on
 * it, for a day; once its install has begun, for as long as that takes. Fault `installer/not-approved`.
 */
export async function approvePlan(
  plan: PlanView,
  disks: DisksToWrite,
  { journal, approval, settings, clock, emit }: ApprovalDesk,
): Promise<ReadonlyMap<string, DiskId>> {
  const { approved, last } = recall(journal);
  const planned = new Map(plan.machines.map((machine) => [machine.name, identityOf(machine)]));
  const isCovered = ([name, { disk, id }]: readonly [string, { disk: Disk; id: DiskId }]) => {
    const known = approved.get(name);
    const isSame = known?.id === id && known.machine !== undefined && known.machine === planned.get(name);
    return isSame && (known.found === foundOn(disk) || journal.pastOf(installStepId(name)).uncertain);
  };
  const isOld = (name: string) => {
    const given = parseTimestamp(approved.get(name)?.at ?? '');
    if (given === undefined || journal.pastOf(installStepId(name)).uncertain) return false;
    const age = clock.now().getTime() - given;
    return age > approvalSpan || age + clockSlack < 0;
  };
  const old = [...disks].filter((one) => isCovered(one) && isOld(one[0])).map(([name]) => name);
  if (old.length > 0) emit({ type: 'plan.doubted', reason: whyAgain(old) });
  const isSettled = [...disks].every(isCovered) && old.length === 0;
  const losing = [...disks].filter(([, { disk }]) => disk.signatures.length > 0).map(([name]) => name);
  const by = isSettled ? 'an earlier run' : await askApproval(plan, losing, approval);
  // What was approved before stands as it is; what else the plan comes to now is remembered all the same.
  const fresh = isSettled ? [] : [...disks];
  const isNew = last?.plan !== plan.digest || textOf(last.settings) !== textOf(settings);
  if (!isSettled || isNew) {
    await journal.append({
      type: 'plan.approved',
      plan: plan.digest,
      by,
      disks: Object.fromEntries(fresh.map(([name, { id }]) => [name, id])),
      found: Object.fromEntries(fresh.map(([name, { disk }]) => [name, foundOn(disk)])),
      machines: Object.fromEntries(fresh.map(([name]) => [name, planned.get(name) ?? 'unknown'])),
      settings,
    });
  }
  const begun = [...approved].filter(([name]) => isBegun(name, journal)).map(([name, { id }]) => [name, id] as const);
  return new Map([...begun, ...[...disks].map(([name, { id }]) => [name, id] as const)]);
}

const whyAgain = (names: readonly string[]) =>
  `The disks of ${names.join(', ')} were approved more than a day ago, or by a clock that was wrong; they are asked for again.`;

export const foundOn = ({ signatures }: Disk) => (signatures.length === 0 ? 'nothing' : signatures.join(', '));

/** Which machine it is and what it is to become: an equal disk in another one is another disk. */
const identityOf = ({ role, address, uuid = 'none', macs }: PlannedMachine) =>
  `${role} ${address}, UUID ${uuid}, MAC ${macs.toSorted().join(' ')}`;

const textOf = (settings: Memory) => JSON.stringify(Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1)));

function isBegun(name: string, journal: Journal): boolean {
  const { uncertain, confirmed } = journal.pastOf(installStepId(name));
  return uncertain || confirmed;
}

interface ApprovedDisk {
  readonly id: DiskId;
  /** When, ISO 8601. */
  readonly at: string;
  readonly found: string | undefined;
  readonly machine: string | undefined;
}

/**
 * The plan approved last, and the disk approved last for each machine, over all runs. An approval ends with the install that
 * it was for: once that may start again, or the machine is reset, nobody knows what has come onto the disk since.
 */
function recall(journal: Journal) {
  const approved = new Map<string, ApprovedDisk>();
  let last: { readonly plan: string; readonly settings: Memory } | undefined;
  for (const { at, record } of journal.entries) {
    if (record.type === 'plan.approved') {
      last = record;
      for (const [name, id] of Object.entries(record.disks))
        approved.set(name, { id: id as DiskId, at, found: record.found[name], machine: record.machines?.[name] });
    }
    const [kind, name = ''] = 'step' in record ? record.step.split('/') : [];
    if (record.type === 'step.permitted' && kind === 'install') approved.delete(name);
    if (record.type === 'step.started' && kind === 'reset') approved.delete(name);
  }
  return { approved, last };
}
