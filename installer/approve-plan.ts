import { defineFault } from '../core/fault.ts';
import type { Journal } from '../core/journal.ts';
import type { Disk } from '../core/machine.ts';
import type { PlannedMachine, PlanView } from '../core/plan-view.ts';
import type { Memory } from '../core/step.ts';
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

const notApproved = defineFault<{ losing: readonly string[]; rack: string }>('installer/not-approved', {
  kind: 'operator',
  exitCode: 3,
  title: ({ losing }) =>
    losing.length === 0
      ? 'The plan was not approved'
      : `The plan was not approved: it destroys what is on the disks of ${losing.join(', ')}`,
  state: () => 'Nothing was written on any machine.',
  remedy: ({ losing, rack }) =>
    losing.length === 0
      ? 'Run the same command again and say y, or give --yes.'
      : `Run the same command again and type the name of each of these machines, or give --yes --confirm ${rack}.`,
});

/**
 * Asks for a plan unless the flags answer: a yes, and the name of each machine whose data would be lost (`losing`).
 * Gives who said yes. Fault `installer/not-approved`.
 */
export async function askApproval(
  plan: PlanView,
  losing: readonly string[],
  approval: Approval,
): Promise<'flags' | 'prompt'> {
  const { yes, confirm, ask } = approval;
  const needsTypedNames = confirm.includes(plan.rack) ? [] : losing.filter((name) => !confirm.includes(name));
  if (yes && needsTypedNames.length === 0) return 'flags';
  if ((await ask(plan, { needsTypedNames })) === 'no') throw notApproved({ losing, rack: plan.rack });
  return 'prompt';
}

/**
 * The disks that the operator agreed to have written, by machine: those of this plan, and those whose install has begun. What
 * the journal holds as approved is not asked for again while it is the same disk of the same machine with the same things on
 * it. Fault `installer/not-approved`.
 */
export async function approvePlan(
  plan: PlanView,
  disks: DisksToWrite,
  { journal, approval, settings }: { journal: Journal; approval: Approval; settings: Memory },
): Promise<ReadonlyMap<string, DiskId>> {
  const { approved, last } = recall(journal);
  const planned = new Map(plan.machines.map((machine) => [machine.name, identityOf(machine)]));
  const isCovered = ([name, { disk, id }]: readonly [string, { disk: Disk; id: DiskId }]) => {
    const known = approved.get(name);
    const isSame = known?.id === id && known.machine !== undefined && known.machine === planned.get(name);
    return isSame && (known.found === foundOn(disk) || journal.pastOf(installStepId(name)).uncertain);
  };
  const isSettled = [...disks].every(isCovered);
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
  for (const { record } of journal.entries) {
    if (record.type === 'plan.approved') {
      last = record;
      for (const [name, id] of Object.entries(record.disks))
        approved.set(name, { id: id as DiskId, found: record.found[name], machine: record.machines?.[name] });
    }
    const [kind, name = ''] = 'step' in record ? record.step.split('/') : [];
    if (record.type === 'step.permitted' && kind === 'install') approved.delete(name);
    if (record.type === 'step.started' && kind === 'reset') approved.delete(name);
  }
  return { approved, last };
}
