import { resolve } from 'node:path';
import { checkPlan } from '../core/check-plan.ts';
import type { Emit } from '../core/event.ts';
import { defineFault, type ExitCode, type Fault, faultFrom, viewOf } from '../core/fault.ts';
import { Journal } from '../core/journal.ts';
import { type Millis, seconds } from '../core/millis.ts';
import type { Clock, Files, Network, Random } from '../core/ports.ts';
import { type PlanResult, runPlan } from '../core/run-plan.ts';
import type { Plan } from '../core/step.ts';
import { openAddressBook } from './address-book.ts';
import { type Approval, approvePlan } from './approve-plan.ts';
import { clusterSecrets } from './cluster-secrets.ts';
import { discoveryPlan } from './discovery-plan.ts';
import { installPlan } from './install-plan.ts';
import { installSite } from './install-site.ts';
import type { RackFile } from './parse-rack-file.ts';
import { readFluxManifest } from './read-flux-manifest.ts';
import { readTalos } from './read-talos.ts';
import type { DiskId } from './resolve-disk.ts';
import { serveRack } from './serve-rack.ts';
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
  /** The command line as typed, for the journal and for the words that say how to resume. */
  readonly command: string;
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
  remedy: ({ allowed }) => `Allowed are ${allowed.join(', ')}.`,
});

const pollEvery: Millis = seconds(2);

/**
 * The main job: from a rack file and machines that power on to a cluster that Flux takes over. Never throws: how it
 * ended is the event `run.finished` and the exit code.
 */
export async function runUp(options: UpOptions, ports: UpPorts): Promise<ExitCode> {
  const { emit, command } = options;
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
        return finish('interrupted at a safe point', 130, { next: command });
      case 'failed': {
        const [first] = outcome.faults;
        const same = outcome.faults.every((fault) => fault.exitCode === first?.exitCode);
        return finish('not finished', same ? (first?.exitCode ?? 1) : 1, { next: command });
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
  await secrets.read();

  const watch = watchRack({ spec, clock, emit, read: readTalos(secrets) });
  const book = await openAddressBook(`${stateDirectory}/addresses`, files);
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
  const boots = await serveRack({ spec, directory, watch, book, journal, emit, ...ports });
  const scouting = watch.scout(pollEvery, leaving.signal);
  try {
    const discovered = await execute(discoveryPlan({ ...rackFile, ...watch, timeout: options.discoveryTimeout }));
    const early = outcomeOf(discovered);
    if (early !== undefined) return await endRun(journal, early);

    const view = await viewPlan(spec, watch.rack(), planFor(new Map()));
    emit({ type: 'plan.proposed', plan: view });
    const disks = disksToWrite(spec, watch.rack());
    if (dryRun) {
      const open = await checkPlan(planFor(new Map([...disks].map(([name, { id }]) => [name, id]))), journal, stop);
      return { kind: 'dry-run', steps: open.length };
    }
    const approved = await approvePlan(view, disks, { journal, approval: options.approval }).catch(
      (thrown: unknown) => {
        // Ctrl-C at the question is leaving, not an answer.
        if (pause.aborted) return undefined;
        throw thrown;
      },
    );
    if (approved === undefined) return await endRun(journal, { kind: 'interrupted' });
    emit({ type: 'plan.approved', plan: view.digest });
    return await endRun(journal, outcomeOf(await execute(planFor(approved))) ?? { kind: 'handed-off' });
  } finally {
    leaving.abort();
    await Promise.all([boots.close(), scouting]);
    await book.flush();
  }
}

/** Says in the journal that a run begins, and which `once` steps the operator lets it start again. */
async function beginRun(plan: Plan, journal: Journal, { command, retry }: UpOptions): Promise<void> {
  const allowed = plan.filter((step) => step.once).map((step) => step.id);
  for (const step of retry) if (!allowed.includes(step)) throw cannotRetry({ step, allowed });
  await journal.append({ type: 'run.started', command });
  for (const step of retry) await journal.append({ type: 'step.permitted', step, reason: command });
}

async function endRun(journal: Journal, outcome: Outcome): Promise<Outcome> {
  await journal.append({ type: 'run.ended', outcome: outcome.kind });
  return outcome;
}

/** `undefined` when everything was done. */
function outcomeOf({ failed, held, interrupted }: PlanResult): Outcome | undefined {
  if (failed.length > 0) return { kind: 'failed', faults: failed.map(({ fault }) => fault) };
  return interrupted || held.length > 0 ? { kind: 'interrupted' } : undefined;
}
