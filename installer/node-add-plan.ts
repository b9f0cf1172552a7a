import type { MachineSpec } from '../core/rack-spec.ts';
import type { Plan } from '../core/step.ts';
import type { InstallSite } from './install-plan.ts';
import { checkApi, checkNodes } from './steps/check-kubernetes.ts';
import { checkMachineHealth } from './steps/check-machine-health.ts';
import { checkEtcdHealth } from './steps/etcd-health.ts';
import { installMachine, installStepId } from './steps/install-machine.ts';
import { joinMember } from './steps/join-member.ts';
import { writeAccessFile } from './steps/write-access-file.ts';

/**
 * More machines for a cluster that runs. Control planes come one after another, each only while etcd is healthy and after
 * the one before it votes: the cluster has something to lose. Workers come together. Nothing is ever bootstrapped here. A control plane whose install was
 * seen to be done and that does not vote yet is waited for before anything else, be it that an earlier run was ended there.
 */
export function nodeAddPlan(site: InstallSite, added: readonly MachineSpec[]): Plan {
  const { spec, machine, vitals, etcdCluster, talosconfig, kube } = site;
  const controlPlanes = spec.machines.filter(({ role }) => role === 'controlplane');
  const newControlPlanes = added.filter(({ role }) => role === 'controlplane');
  const workers = added.filter(({ role }) => role === 'worker');
  const isNew = (entry: MachineSpec) => newControlPlanes.includes(entry);

  const members = controlPlanes.filter((entry) => !isNew(entry));
  const steps: Plan[number][] = [];
  let before = 'etcd-health';
  const [first] = spec.machines;
  if (first === undefined) return [];
  const { clock } = machine(first.name);
  const healthy = (id: string, known: readonly MachineSpec[], what: string, after: readonly string[]) =>
    checkEtcdHealth({ id, what, after, ask: (signal) => etcdCluster(known, signal), clock });

  const joined = members.map((entry) =>
    joinMember(entry.name, { after: [], ask: (signal) => etcdCluster(members, signal), isLast: false }),
  );
  const what = added.map(({ name }) => name).join(', ') || 'A new machine';
  steps.push(
    ...joined,
    healthy(
      before,
      members,
      what,
      joined.map(({ id }) => id),
    ),
  );
  for (const [index, entry] of newControlPlanes.entries()) {
    const known = [...members, ...newControlPlanes.slice(0, index)];
    if (index > 0) {
      const id = `etcd-health/${entry.name}`;
      steps.push(healthy(id, known, entry.name, [before]));
      before = id;
    }
    const join = joinMember(entry.name, {
      after: [installStepId(entry.name)],
      ask: (signal) => etcdCluster([...known, entry], signal),
    });
    steps.push({ ...installMachine(machine(entry.name)), after: [before] }, join);
    before = join.id;
  }
  for (const entry of workers) steps.push({ ...installMachine(machine(entry.name)), after: ['etcd-health'] });
  const health = added.map((entry) =>
    checkMachineHealth(entry, {
      find: machine(entry.name).find,
      vitals,
      spec,
      after: [installStepId(entry.name)],
    }),
  );
  const ends = [before, ...health.map(({ id }) => id)];
  return [
    ...steps,
    ...health,
    // It names every control plane, so that it works while one of them is away.
    writeAccessFile({ ...talosconfig, after: [before] }),
    checkApi({ kube, after: [before] }),
    checkNodes({ kube, spec, machines: added, after: ['kubernetes-api', ...ends] }),
  ];
}
