import { join, resolve } from 'node:path';
import type { ExitCode } from '../core/fault.ts';
import { sha256Hex } from '../core/journal.ts';
import type { Millis } from '../core/millis.ts';
import { lockFileName } from '../pxe/index.ts';
import { parseOverride } from './checks/override.ts';
import type { OpenRack, RackOptions, RackPorts } from './open-rack.ts';
import { planChanges } from './plan-changes.ts';
import { factsOf } from './plan-facts.ts';
import { renderPlanFile } from './plan-file.ts';
import { prepareInstall, unpreparedPlan } from './prepare-install.ts';
import { type RackJob, runOnRack } from './run-on-rack.ts';
import { tryOut } from './run-up.ts';

export interface PlanInstallOptions extends RackOptions {
  readonly discoveryTimeout: Millis;
  /** `CHECK[@MACHINE]=REASON`, as typed. */
  readonly overrides: readonly string[];
  /** Absolute path of the rack file. */
  readonly rackFilePath: string;
  /** Where the plan file is written: YAML when its name ends so, else JSON. */
  readonly planFile: string;
}

/** Shows what an install would do and keeps it in a file; changes nothing else. Exit code 2 when there is something to do. */
export const runPlanInstall = (options: PlanInstallOptions, ports: RackPorts): Promise<ExitCode> =>
  runOnRack(options, ports, (complete) => planJob(complete, ports), options.discoveryTimeout);

function planJob(options: PlanInstallOptions, ports: RackPorts): RackJob {
  const { rackFile, overrides: typed, planFile, emit, discoveryTimeout } = options;
  const names = rackFile.spec.machines.map(({ name }) => name);
  const parsed = () => typed.map((text) => parseOverride(text, names));
  return {
    steps: async (open) => {
      parsed();
      return unpreparedPlan(open);
    },
    work: async (open) => {
      const overrides = parsed();
      const prepared = await prepareInstall(open, { overrides, discoveryTimeout });
      if ('early' in prepared) return prepared.early;
      const changes = await planChanges(open, prepared);
      const plan = {
        ...prepared.view,
        machines: prepared.view.machines.map((machine) => {
          const own = changes.get(machine.name);
          return own === undefined ? machine : { ...machine, changes: own };
        }),
      };
      emit({ type: 'plan.proposed', plan });
      const outcome = await tryOut(open, prepared);
      if (outcome.kind !== 'shown' || outcome.steps === 0) return outcome;
      const text = await renderPlanFile(
        {
          apiVersion: 'rackwright.dev/v1alpha1',
          kind: 'InstallPlan',
          made: ports.clock.now().toISOString(),
          rackFile: { path: options.rackFilePath, sha256: await rackFileDigest(open, options.rackFilePath) },
          overrides,
          facts: factsOf(rackFile.spec, prepared.rack),
          plan,
        },
        /\.ya?ml$/.test(planFile) ? 'yaml' : 'json',
      );
      await ports.files.writeAtomically(planFile, text, 0o600);
      emit({ type: 'file.written', path: planFile, what: 'the plan' });
      return { ...outcome, next: `rackwright apply ${planFile}` };
    },
  };
}

/**
 * SHA-256 of the rack file's text, of what it comes to with its patches, of the Flux manifest and of the pins of what its
 * machines boot.
 */
export async function rackFileDigest({ options, ports }: OpenRack, path: string): Promise<string> {
  const { directory, rackFile } = options;
  const named = [resolve(directory, rackFile.spec.flux.manifest), join(directory, lockFileName)];
  const texts = await Promise.all([path, ...named].map(async (one) => (await ports.files.readText(one)) ?? ''));
  return sha256Hex(JSON.stringify([texts, rackFile.spec]));
}
