import type { MachineSpec, RackSpec } from '../core/rack-spec.ts';
import type { Plan } from '../core/step.ts';
import type { TalosClient } from '../talos/index.ts';
import type { EtcdCluster } from './etcd-cluster.ts';
import { type BootstrapEtcd, bootstrapEtcd, joinEtcd } from './steps/bootstrap-etcd.ts';
import { checkEtcd } from './steps/check-etcd.ts';
import { checkApi, checkNodes, checkSystemPods, type UseKube } from './steps/check-kubernetes.ts';
import { checkMachineHealth, type ReadVitals } from './steps/check-machine-health.ts';
import { type HandOff, handOffToFlux } from './steps/hand-off-to-flux.ts';
import { type InstallMachine, installMachine, installStepId } from './steps/install-machine.ts';
import { type KeepSecrets, keepSecrets } from './steps/keep-secrets.ts';
import { type WriteAccessFile, writeAccessFile } from './steps/write-access-file.ts';

/** What the steps of an install reach out to. Each step is given the part that it uses. */
export interface InstallSite {
  readonly spec: RackSpec;
  readonly secrets: KeepSecrets;
  /** A client for one machine of the cluster, with our keys. Fault `installer/no-keys`. */
  readonly talos: <T>(entry: MachineSpec, use: (client: TalosClient) => Promise<T>) => Promise<T>;
  readonly machine: (name: string) => InstallMachine;
  readonly vitals: ReadVitals;
  readonly etcd: Pick<BootstrapEtcd, 'askEtcd' | 'bootstrap'>;
  /** etcd of a cluster that runs, as these control planes describe it. */
  readonly etcdCluster: (controlPlanes: readonly MachineSpec[], signal: AbortSignal) => Promise<EtcdCluster>;
  readonly talosconfig: Omit<WriteAccessFile, 'after'>;
  readonly kubeconfig: Omit<WriteAccessFile, 'after'>;
  readonly kube: UseKube;
  readonly flux: Pick<HandOff, 'manifest' | 'objects'>;
}

/** From machines in maintenance mode to a cluster that Flux takes over: read it from top to bottom. */
export function installPlan(site: InstallSite): Plan {
  const { spec, secrets, machine, vitals, etcd, etcdCluster, talosconfig, kubeconfig, kube, flux } = site;
  const controlPlanes = spec.machines.filter((entry) => entry.role === 'controlplane');
  const workers = spec.machines.filter((entry) => entry.role === 'worker');

  const install = (entries: readonly MachineSpec[], after: readonly string[]): Plan =>
    entries.map((entry) => ({ ...installMachine(machine(entry.name)), after }));
  const health = spec.machines.map((entry) =>
    checkMachineHealth(entry, {
      find: machine(entry.name).find,
      vitals,
      spec,
      after: [installStepId(entry.name), 'bootstrap-etcd'],
    }),
  );
  return [
    keepSecrets(secrets),
    writeAccessFile({ ...talosconfig, after: ['secrets'] }),
    // A folder that cannot be written is noticed before a disk is.
    ...install(controlPlanes, ['secrets', 'talosconfig']),
    bootstrapEtcd({ controlPlanes, after: controlPlanes.map((entry) => installStepId(entry.name)), ...etcd }),
    joinEtcd({ controlPlanes, after: ['bootstrap-etcd'], askEtcd: etcd.askEtcd }),
    // A worker's Talos API opens once it reaches a control plane at the shared address, which etcd holds; and no worker's
    // disk is written for a control plane that does not come up.
    ...install(workers, ['bootstrap-etcd']),
    ...health,
    writeAccessFile({ ...kubeconfig, after: ['bootstrap-etcd'] }),
    checkApi({ kube, after: ['kubeconfig', 'join-etcd'] }),
    checkEtcd({ ask: (signal) => etcdCluster(controlPlanes, signal), after: ['join-etcd'] }),
    checkNodes({ kube, spec, after: ['kubernetes-api', 'etcd-health', ...health.map((step) => step.id)] }),
    ...(spec.cluster.cni === 'none' ? [] : [checkSystemPods({ kube, after: ['nodes'] })]),
    ...handOffToFlux({ kube, ...flux, after: [spec.cluster.cni === 'none' ? 'nodes' : 'system-pods'] }),
  ];
}
