import { defineFault } from '../core/fault.ts';
import type { Journal } from '../core/journal.ts';
import type { Disk } from '../core/machine.ts';
import type { PlanView } from '../core/plan-view.ts';
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
 * The disks that the operator agreed to have written, by machine. What the journal holds as approved is not asked for
 * again while it is the same disk with the same things on it, or its install is under way. Fault `installer/not-approved`.
 */
export async function approvePlan(
  plan: PlanView,
  disks: DisksToWrite,
  { journal, approval, settings }: { journal: Journal; approval: Approval; settings: Memory },
): Promise<ReadonlyMap<string, DiskId>> {
  const remembered = approvedDisks(journal);
  const isCovered = ([name, { disk, id }]: readonly [string, { disk: Disk; id: DiskId }]) => {
    const known = remembered.get(name);
    return known?.id === id && (known.found === foundOn(disk) || journal.pastOf(installStepId(name)).uncertain);
  };
  const ids = (entries: ReadonlyMap<string, { id: DiskId }>) =>
    new Map([...entries].map(([name, { id }]) => [name, id]));
  if ([...disks].every(isCovered)) return ids(remembered);

  const losing = [...disks].filter(([, { disk }]) => disk.signatures.length > 0).map(([name]) => name);
  const by = await askApproval(plan, losing, approval);
  await journal.append({
    type: 'plan.approved',
    plan: plan.digest,
    by,
    disks: Object.fromEntries([...disks].map(([name, { id }]) => [name, id])),
    found: Object.fromEntries([...disks].map(([name, { disk }]) => [name, foundOn(disk)])),
    settings,
  });
  return new Map([...ids(remembered), ...ids(disks)]);
}

export const foundOn = ({ signatures }: Disk) => (signatures.length === 0 ? 'nothing' : signatures.join(', '));

/** The disk approved last for each machine, over all runs. */
function approvedDisks(journal: Journal): Map<string, { id: DiskId; found: string | undefined }> {
  const approved = new Map<string, { id: DiskId; found: string | undefined }>();
  for (const { record } of journal.entries) {
    if (record.type !== 'plan.approved') continue;
    for (const [name, id] of Object.entries(record.disks)) {
      approved.set(name, { id: id as DiskId, found: record.found[name] });
    }
  }
  return approved;
}
