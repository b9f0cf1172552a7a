import type { PlannedDisk, PlannedMachine, PlannedStep, PlanView } from '../core/plan-view.ts';
import { wrapText } from './fit-text.ts';
import { printable } from './printable.ts';
import { renderBytes } from './render-bytes.ts';
import { stepName } from './step-name.ts';

/** Fits an 80-column terminal with room for the cursor. */
const width = 79;
const ascii = { isUtf8: false };

/**
 * A plan as text for people, in plain ASCII and at most 79 columns: what each machine becomes, exactly which disk is
 * written and what is on it now, then the steps in their order, then what would be lost once more, next to the question.
 * Serial numbers and addresses are never cut.
 */
export function renderPlan(plan: PlanView): string {
  return [
    `Plan ${plan.digest.slice(0, 12)} for ${clean(plan.rack)}`,
    '',
    ...plan.machines.flatMap(machineLines),
    'Steps, each as soon as those that it comes after are done:',
    ...stepLines(plan.steps),
    '',
    ...summaryLines(plan),
  ].join('\n');
}

/** The machines whose disk holds something that the plan would destroy. */
export const machinesWithLoss = (plan: PlanView): readonly PlannedMachine[] =>
  plan.machines.filter((machine) => (machine.writes?.signatures.length ?? 0) > 0);

function machineLines(machine: PlannedMachine): string[] {
  const known = [machine.uuid === undefined ? [] : [`uuid ${machine.uuid}`], machine.macs.map((mac) => `mac ${mac}`)];
  const move = machine.from === machine.address ? machine.address : `${machine.from} -> ${machine.address}`;
  return [
    ...wrapped(`${machine.name} (${machine.role}): ${move}`),
    ...wrapped(known.flat().join(', '), '    '),
    ...(machine.writes === undefined ? ['    writes no disk: Talos is installed'] : diskLines(machine.writes)),
    '',
  ];
}

function diskLines(disk: PlannedDisk): string[] {
  const size = Number(disk.sizeBytes);
  const about = [Number.isFinite(size) ? renderBytes(size) : `${disk.sizeBytes} bytes`, disk.model ?? ''];
  return [
    ...wrapped(`writes ${disk.path}, ${identityOf(disk)}, ${about.join(' ')}`, '    '),
    ...(disk.signatures.length === 0
      ? ['    holds nothing that we know of']
      : wrapped(`!! DESTROYS what is on it now: ${disk.signatures.join(', ')}`, '    ')),
  ];
}

function stepLines(steps: readonly PlannedStep[]): string[] {
  const digits = String(steps.length).length + 1;
  return steps.flatMap((step, index) => {
    const head = `  ${`${index + 1}.`.padStart(digits)} `;
    const lines = wrapText(clean(stepName(step)), width, ' '.repeat(head.length));
    return lines.map((line, at) => (at === 0 ? head + line.trimStart() : line));
  });
}

function summaryLines(plan: PlanView): string[] {
  const written = plan.machines.filter((machine) => machine.writes !== undefined).length;
  const lossy = machinesWithLoss(plan);
  if (written === 0) return ['No disk will be written.'];
  if (lossy.length === 0) return [`${count(written, 'disk')} will be written; no data was found there.`];
  return [
    `${count(written, 'disk')} will be written.`,
    `!! DATA WILL BE LOST on ${count(lossy.length, 'disk')}:`,
    ...lossy.flatMap(({ name, writes }) =>
      writes === undefined ? [] : wrapped(`${name} ${identityOf(writes)}: ${writes.signatures.join(', ')}`, '   '),
    ),
  ];
}

function identityOf({ serial, wwid, path }: PlannedDisk): string {
  const names = [serial === undefined ? [] : [`serial ${serial}`], wwid === undefined ? [] : [`wwid ${wwid}`]].flat();
  return names.length === 0 ? `no serial and no wwid (${path})` : names.join(', ');
}

const clean = (text: string): string => printable(text, ascii);
const wrapped = (text: string, indent = ''): string[] =>
  wrapText(clean(text), width - 2, indent).map((line, index) => (index === 0 ? line : `  ${line}`));

export const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;
