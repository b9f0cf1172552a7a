import { type CheckResult, isBlocking } from '../core/check-result.ts';
import type { PlannedChange, PlannedDisk, PlannedMachine, PlannedStep, PlanView } from '../core/plan-view.ts';
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
    ...plan.machines.flatMap((machine) => machineLines(machine, plan.checks ?? [])),
    ...rackCheckLines(plan),
    stepsTitle(plan),
    ...stepLines(plan.steps),
    '',
    ...summaryLines(plan),
  ].join('\n');
}

/** The machines whose disk holds something that the plan would destroy. */
const machinesWithLoss = (plan: PlanView): readonly PlannedMachine[] =>
  plan.machines.filter((machine) => (machine.writes?.signatures.length ?? 0) > 0);

function machineLines(machine: PlannedMachine, checks: readonly CheckResult[]): string[] {
  const known = [machine.uuid === undefined ? [] : [`uuid ${machine.uuid}`], machine.macs.map((mac) => `mac ${mac}`)];
  const move = machine.from === machine.address ? machine.address : `${machine.from} -> ${machine.address}`;
  return [
    ...wrapped(`${machine.name} (${machine.role}): ${move}`),
    ...wrapped(known.flat().join(', '), '    '),
    ...(machine.fingerprint === undefined ? [] : wrapped(`certificate ${machine.fingerprint}`, '    ')),
    ...writeLines(machine),
    ...checkLines(checks.filter((check) => check.machine === machine.name)),
    ...changeLines(machine.changes),
    '',
  ];
}

function writeLines({ writes, blockedBy }: PlannedMachine): string[] {
  if (writes !== undefined) return diskLines(writes);
  if (blockedBy === undefined) return ['    writes no disk: Talos is installed'];
  return wrapped(`writes no disk: held back by ${blockedBy.join(', ')}`, '    ');
}

/** What failed, what goes on against a failure and why, and how many passed or are not known. */
function checkLines(checks: readonly CheckResult[]): string[] {
  if (checks.length === 0) return [];
  const unknown = checks.filter(({ status }) => status === 'unknown' || status === 'pending').map(({ check }) => check);
  const passed = checks.filter(({ status }) => status === 'pass').length;
  const counts = `checks: ${passed} passed${unknown.length === 0 ? '' : `; not known: ${unknown.join(', ')}`}`;
  return [
    ...checks
      .filter(isBlocking)
      .flatMap(({ check, says, hint }) => [
        ...wrapped(`!! FAILED ${check}: ${says}`, '    '),
        ...(hint === undefined ? [] : wrapped(hint, '       ')),
      ]),
    ...checks.flatMap(({ check, says, override }) =>
      override === undefined ? [] : wrapped(`goes on against ${check}: ${says} Reason given: ${override}`, '    '),
    ),
    ...wrapped(counts, '    '),
  ];
}

/** What says most of a config that is new as a whole; all of it is in the plan file. */
const essentials =
  /^main (machine\.(type|install\.|network\.(hostname|interfaces)|kubelet\.image)|cluster\.(clusterName|controlPlane\.endpoint|network\.cni))|^(Hostname|Link|Bond|VLAN|DHCP|Layer2VIP|UnattendedInstall|Resolver|TimeSync)\w*Config/;
const mostChanges = 40;

function changeLines(changes: readonly PlannedChange[] | undefined): string[] {
  if (changes === undefined) return [];
  if (changes.length === 0) return ['    config: no change'];
  const isNew = changes.every(({ before }) => before === undefined);
  const told = changes
    .filter(({ document, path }) => !isNew || essentials.test(`${document} ${path}`))
    .filter(({ path }) => path !== 'apiVersion' && path !== 'kind')
    .slice(0, mostChanges);
  const rest = changes.length - told.length;
  return [
    isNew ? '    config, new:' : '    config, against the one that it runs:',
    ...told.flatMap(({ document, path, before, after }) => {
      const where = document === 'main' ? path : `${document}: ${path}`;
      const what = [before === undefined ? [] : [`- ${before}`], after === undefined ? [] : [`+ ${after}`]].flat();
      return wrapped(`${where} ${isNew ? (after ?? '') : what.join(' ')}`, '      ');
    }),
    ...(rest === 0 ? [] : [`      and ${count(rest, 'more value')}, all in the plan file`]),
  ];
}

function rackCheckLines({ checks = [] }: PlanView): string[] {
  const lines = checkLines(checks.filter(({ machine }) => machine === undefined));
  return lines.length === 0 ? [] : ['The rack as a whole:', ...lines, ''];
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

const stepsTitle = ({ estimatedMinutes = 0 }: PlanView): string =>
  estimatedMinutes === 0
    ? 'Steps, each as soon as those that it comes after are done:'
    : `Steps, each as soon as those before it are done (estimate: ${estimatedMinutes} minutes):`;

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
