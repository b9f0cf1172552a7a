import { resolve } from 'node:path';
import { checkPlan } from '../core/check-plan.ts';
import type { Emit } from '../core/event.ts';
import { defineFault, type ExitCode, type Fault, faultFrom, viewOf } from '../core/fault.ts';
import { Journal } from '../core/journal.ts';
import { type Millis, seconds } from '../core/millis.ts';
import type { Clock, Files, Network, Random } from '../core/ports.ts';
import type { Rack } from '../core/rack.ts';
import type { RackSpec } from '../core/rack-spec.ts';
import { type PlanResult, runPlan } from '../core/run-plan.ts';
import type { Plan } from '../core/step.ts';
import { openAddressBook } from './address-book.ts';
import { type Approval, approvePlan } from './approve-plan.ts';
import { checkSettings, settingsOf } from './check-settings.ts';
import { clusterSecrets } from './cluster-secrets.ts';
import { discoveryPlan } from './discovery-plan.ts';
import { installPlan } from './install-plan.ts';
import { installSite } from './install-site.ts';
import type { RackFile } from './parse-rack-file.ts';
import { readFluxManifest } from './read-flux-manifest.ts';
import { readTalos } from './read-talos.ts';
import type { DiskId } from './resolve-disk.ts';
import { resolveMachine } from './resolve-machines.ts';
import { secretsLost } from './secrets-faults.ts';
import { serveRack } from './serve-rack.ts';
import { installStepId } from './steps/install-machine.ts';
import { disksToWrite, viewPlan } from './view-plan.ts';
import { watchRack } from './watch-rack.ts';

export interface UpPorts {
  readonly network: Network;
  readonly files: Files;
  readonly clock: Clock;
  readonly random: Random;
}

export interface UpOptions {
  readonly rackFile: RackFile;
  /** Folder of the rack file: paths in it are relative to this, and the access files are written here. */
  readonly directory: string;
  /** Folder of the journal and the sealed secrets; belongs to this rack alone. */
  readonly stateDirectory: string;
  readonly identityPath: string;
  /** The command line as typed, for the journal. */
  readonly command: string;
  /** The command line that goes on: what was allowed once is not in it. */
  readonly resumeCommand: string;
  readonly dryRun: boolean;
  readonly approval: Approval;
  /** `once` steps that the operator allows to start again. */
  readonly retry: readonly string[];
  readonly discoveryTimeout: Millis;
  readonly emit: Emit;
  readonly pause: AbortSignal;
  readonly stop: AbortSignal;
}

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

const pollEvery: Millis = seconds(2);

/**
 * The main job: from a rack file and machines that power on to a cluster that Flux takes over. Never throws: how it
 * ended is the event `run.finished` and the exit code.
 */
export async function runUp(options: UpOptions, ports: UpPorts): Promise<ExitCode> {
  const { emit } = options;
  const next = options.resumeCommand;
  const finish = (outcome: string, exitCode: ExitCode, more: { next?: string; fault?: Fault } = {}): ExitCode => {
    const { next, fault } = more;
    emit({
      type: 'run.finished',
      outcome,
      exitCode,
      ...(next === undefined ? {} : { next }),
      ...(fault === undefined ? {} : { fault: viewOf(fault) }),
    });
    return exitCode;
  };
  try {
    const outcome = await run(options, ports);
    switch (outcome.kind) {
      case 'handed-off':
        return finish('handed off to Flux', 0);
      case 'dry-run':
        return finish(outcome.steps === 0 ? 'nothing to do' : 'plan shown, nothing done', outcome.steps === 0 ? 0 : 2);
      case 'interrupted':
        return finish('interrupted at a safe point', 130, { next });
      case 'failed': {
        const [first] = outcome.faults;
        const same = outcome.faults.every((fault) => fault.exitCode === first?.exitCode);
        const exitCode = same ? (first?.exitCode ?? 1) : 1;
        // Other faults say themselves what to do; only a deadline asks for the same again.
        return finish('not finished', exitCode, exitCode === 6 ? { next } : {});
      }
    }
  } catch (thrown) {
    const fault = faultFrom(thrown);
    return finish('stopped', fault.exitCode, { fault });
  }
}

type Outcome =
  | { readonly kind: 'handed-off' }
  | { readonly kind: 'dry-run'; readonly steps: number }
  | { readonly kind: 'interrupted' }
  | { readonly kind: 'failed'; readonly faults: readonly Fault[] };

async function run(options: UpOptions, ports: UpPorts): Promise<Outcome> {
  const { rackFile, directory, stateDirectory, identityPath, emit, pause, stop, dryRun } = options;
  const { spec } = rackFile;
  const { clock, files } = ports;

  const manifest = await readFluxManifest({ spec, path: resolve(directory, spec.flux.manifest) }, files);
  const journal = await Journal.open(`${stateDirectory}/journal.jsonl`, { files, clock, readOnly: dryRun });
  const secrets = clusterSecrets({ path: `${stateDirectory}/secrets.age`, identityPath, ...ports });
  if ((await secrets.read()) === undefined && journal.pastOf('secrets').confirmed)
    throw secretsLost({ path: secrets.path });

  const book = await openAddressBook(`${stateDirectory}/addresses`, files);
  const watch = watchRack({ spec, clock, emit, read: readTalos(secrets), remember: (machine) => book.note(machine) });
  for (const fact of book.facts) watch.observe(fact);
  const accessFiles = {
    kubeconfig: resolve(directory, `${spec.name}.kubeconfig`),
    talosconfig: resolve(directory, `${spec.name}.talosconfig`),
  };
  const planFor = (approved: ReadonlyMap<string, DiskId>) =>
    installPlan(installSite({ spec, secrets, watch, manifest, approved, accessFiles, files, clock, emit }));
  const execute = (plan: Plan) => runPlan({ plan, journal, clock, emit, pollEvery, pause, stop });

  await beginRun(planFor(new Map()), journal, options);
  const leaving = new AbortController();
  const boots = await serveRack({ spec, directory, watch, journal, emit, ...ports });
  const scouting = watch.scout(pollEvery, leaving.signal);
  try {
    const isUnderWay = (name: string) => journal.pastOf(installStepId(name)).uncertain;
    const discovery = discoveryPlan({ ...rackFile, ...watch, isUnderWay, timeout: options.discoveryTimeout });
    // What is shown is one moment of the rack in which every machine was there; one may fall silent while others are found.
    let rack = watch.rack();
    do {
      const early = outcomeOf(await execute(discovery));
      if (early !== undefined) return await endRun(journal, early);
      rack = watch.rack();
    } while (!isWholeIn(spec, rack));

    const view = await viewPlan({ spec, rack, journal }, planFor(new Map()));
    emit({ type: 'plan.proposed', plan: view });
    const disks = disksToWrite(spec, rack, journal);
    if (dryRun) {
      const { open, faults } = await checkPlan(
        planFor(new Map([...disks].map(([name, { id }]) => [name, id]))),
        journal,
        stop,
      );
      for (const { step, fault } of faults)
        emit({ type: 'step.failed', step: step.id, title: step.title, fault: viewOf(fault) });
      if (faults.length > 0) return { kind: 'failed', faults: faults.map(({ fault }) => fault) };
      return { kind: 'dry-run', steps: open.length };
    }
    const approved = await approvePlan(view, disks, {
      journal,
      approval: options.approval,
      settings: settingsOf(spec),
    }).catch((thrown: unknown) => {
      // Ctrl-C at the question is leaving, not an answer.
      if (pause.aborted) return undefined;
      throw thrown;
    });
    if (approved === undefined) return await endRun(journal, { kind: 'interrupted' });
    emit({ type: 'plan.approved', plan: view.digest });
    return await endRun(journal, outcomeOf(await execute(planFor(approved))) ?? { kind: 'handed-off' });
  } finally {
    leaving.abort();
    await Promise.all([boots.close(), scouting]);
    // Hints only: the run has ended as it has, whether they could be kept or not.
    await book.flush().catch(() => undefined);
  }
}

/** Says in the journal that a run begins, and which `once` steps the operator lets it start again. */
async function beginRun(plan: Plan, journal: Journal, { command, retry, rackFile }: UpOptions): Promise<void> {
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

async function endRun(journal: Journal, outcome: Outcome): Promise<Outcome> {
  await journal.append({ type: 'run.ended', outcome: outcome.kind });
  return outcome;
}

/** Whether every machine of the rack file is seen, and its Talos was read. */
function isWholeIn(spec: RackSpec, rack: Rack): boolean {
  return spec.machines.every((entry) => {
    const resolution = resolveMachine(entry, spec, rack);
    return resolution.kind === 'found' && resolution.machine.talos !== undefined;
  });
}

/** `undefined` when everything was done. */
function outcomeOf({ failed, held, interrupted }: PlanResult): Outcome | undefined {
  if (failed.length > 0) return { kind: 'failed', faults: failed.map(({ fault }) => fault) };
  return interrupted || held.length > 0 ? { kind: 'interrupted' } : undefined;
}
