import type { CheckResult } from '../core/check-result.ts';
import { type Journal, sha256Hex } from '../core/journal.ts';
import type { Disk } from '../core/machine.ts';
import type { PlannedMachine, PlanView } from '../core/plan-view.ts';
import type { Rack } from '../core/rack.ts';
import type { RackSpec } from '../core/rack-spec.ts';
import type { Plan } from '../core/step.ts';
import { estimatedMinutes, estimatePlan } from './estimate-steps.ts';
import { type DiskId, resolveDisk } from './resolve-disk.ts';
import { resolveMachine } from './resolve-machines.ts';
import { installStepId } from './steps/install-machine.ts';

/** The disks that a plan writes, by machine: what the operator is asked for and what the journal remembers. */
export type DisksToWrite = ReadonlyMap<string, { readonly disk: Disk; readonly id: DiskId }>;

/** Machines in maintenance mode get a disk written; machines that run from their disk do not. */
export function disksToWrite(spec: RackSpec, rack: Rack, journal: Journal): DisksToWrite {
  const disks = new Map<string, { disk: Disk; id: DiskId }>();
  for (const entry of spec.machines) {
    const resolution = resolveMachine(entry, spec, rack);
    if (resolution.kind !== 'found' || resolution.machine.talos?.mode !== 'maintenance') continue;
    // One whose install was begun is not written anew by this run, unless it had no effect; then it was approved.
    const { uncertain, confirmed } = journal.pastOf(installStepId(entry.name));
    if (uncertain || confirmed) continue;
    const choice = resolveDisk(entry.disk, resolution.machine.talos.disks);
    if (choice.kind === 'one') disks.set(entry.name, { disk: choice.disk, id: choice.id });
  }
  return disks;
}

export interface Viewed {
  readonly spec: RackSpec;
  readonly rack: Rack;
  readonly disks: DisksToWrite;
  readonly checks: readonly CheckResult[];
  /** By machine: the checks that stand in the way of writing it. */
  readonly blocked: ReadonlyMap<string, readonly string[]>;
}

/** SHA-256 over what is written and where: machine, identity, address, and the disk that `diskOf` gives for its name. */
export const digestPlan = (
  spec: RackSpec,
  machines: readonly PlannedMachine[],
  diskOf: (name: string) => string | undefined,
): Promise<string> => {
  const approved = machines.map(({ name, role, address, macs, uuid }) => [
    ...[name, role, address, macs.toSorted(), uuid],
    diskOf(name),
  ]);
  return sha256Hex(JSON.stringify([spec.name, spec.talos, spec.network.vip, approved]));
};

/** A plan as the operator sees it. */
export async function viewPlan({ spec, rack, disks, checks, blocked }: Viewed, plan: Plan): Promise<PlanView> {
  const machines = spec.machines.map((entry): PlannedMachine => {
    const resolution = resolveMachine(entry, spec, rack);
    const machine = resolution.kind === 'found' ? resolution.machine : undefined;
    const chosen = disks.get(entry.name);
    const blockedBy = blocked.get(entry.name);
    const fingerprint = machine?.talos?.fingerprint;
    return {
      name: entry.name,
      role: entry.role,
      from: machine?.address ?? 'unknown',
      address: entry.address,
      macs: machine?.macs ?? [],
      ...(machine?.uuid === undefined ? {} : { uuid: machine.uuid }),
      ...(fingerprint === undefined ? {} : { fingerprint }),
      ...(chosen === undefined ? {} : { writes: viewDisk(chosen.disk) }),
      ...(blockedBy === undefined ? {} : { blockedBy }),
    };
  });
  return {
    rack: spec.name,
    digest: await digestPlan(spec, machines, (name) => disks.get(name)?.id),
    machines,
    steps: plan.map(({ id, title, machine, after }) => {
      const minutes = estimatedMinutes(id);
      return {
        id,
        title,
        ...(machine === undefined ? {} : { machine }),
        after,
        ...(minutes === 0 ? {} : { estimatedMinutes: minutes }),
      };
    }),
    checks,
    estimatedMinutes: disks.size === 0 ? 0 : estimatePlan(plan),
  };
}

const viewDisk = ({ path, serial, wwid, model, sizeBytes, signatures }: Disk) => ({
  path,
  ...(serial === undefined ? {} : { serial }),
  ...(wwid === undefined ? {} : { wwid }),
  ...(model === undefined ? {} : { model }),
  sizeBytes: String(sizeBytes),
  signatures,
});
