import type { RackSpec } from '../core/rack-spec.ts';
import type { Plan, Step } from '../core/step.ts';
import { type BootstrapEtcd, bootstrapEtcd, joinEtcd } from './steps/bootstrap-etcd.ts';
import { checkApi, checkNodes, type UseKube } from './steps/check-kubernetes.ts';
import { checkMachineHealth } from './steps/check-machine-health.ts';
import { type HandOff, handOffToFlux } from './steps/hand-off-to-flux.ts';
import { type InstallMachine, installMachine } from './steps/install-machine.ts';
import { type KeepSecrets, keepSecrets } from './steps/keep-secrets.ts';
import { type WriteAccessFile, writeAccessFile } from './steps/write-access-file.ts';

/** What the steps of an install reach out to. Each step is given the part that it uses. */
export interface InstallSite {
  readonly spec: RackSpec;
  readonly secrets: KeepSecrets;
  readonly machine: (name: string) => InstallMachine;
  readonly etcd: Pick<BootstrapEtcd, 'askEtcd' | 'bootstrap'>;
  readonly talosconfig: Omit<WriteAccessFile, 'after'>;
  readonly kubeconfig: Omit<WriteAccessFile, 'after'>;
  readonly kube: UseKube;
  readonly flux: Pick<HandOff, 'manifest' | 'objects'>;
}

/** From machines in maintenance mode to a cluster that Flux takes over: read it from top to bottom. */
export function installPlan({ spec, secrets, machine, etcd, talosconfig, kubeconfig, kube, flux }: InstallSite): Plan {
  const controlPlanes = spec.machines.filter((entry) => entry.role === 'controlplane');
  const installs = spec.machines.map((entry) => after(['secrets'], installMachine(machine(entry.name))));
  const idOfInstall = new Map(installs.map((step) => [step.machine, step.id]));
  const controlPlaneInstalls = controlPlanes.map((entry) => String(idOfInstall.get(entry.name)));
  const { find } = machine(controlPlanes[0]?.name ?? '');

  const health = spec.machines.map((entry) =>
    checkMachineHealth(entry, {
      find,
      cni: spec.cluster.cni,
      after: [String(idOfInstall.get(entry.name)), 'bootstrap-etcd'],
    }),
  );
  return [
    keepSecrets(secrets),
    writeAccessFile({ ...talosconfig, after: ['secrets'] }),
    ...installs,
    bootstrapEtcd({ controlPlanes, after: controlPlaneInstalls, ...etcd }),
    joinEtcd({ controlPlanes, after: ['bootstrap-etcd'], askEtcd: etcd.askEtcd }),
    ...health,
    writeAccessFile({ ...kubeconfig, after: ['bootstrap-etcd'] }),
    checkApi({ kube, after: ['kubeconfig', 'join-etcd'] }),
    checkNodes({ kube, spec, after: ['kubernetes-api', ...health.map((step) => step.id)] }),
    ...handOffToFlux({ kube, ...flux, after: ['nodes'] }),
  ];
}

const after = (ids: readonly string[], step: Step): Step => ({ ...step, after: ids });
