import { connectKube, fluxObjects, type KubeClient, type KubeObject } from '../cluster/index.ts';
import type { Emit } from '../core/event.ts';
import { defineFault, Fault } from '../core/fault.ts';
import type { TalosObservation } from '../core/machine.ts';
import type { Clock, Files } from '../core/ports.ts';
import type { MachineSpec, RackSpec } from '../core/rack-spec.ts';
import { connectTalos, encodePem, renderMachineConfig, renderTalosconfig, type TalosClient } from '../talos/index.ts';
import { chooseLink } from './choose-link.ts';
import type { ClusterSecrets } from './cluster-secrets.ts';
import { machineFinder } from './find-machine.ts';
import type { InstallSite } from './install-plan.ts';
import { diskChanged } from './installer-faults.ts';
import { type DiskId, resolveDisk } from './resolve-disk.ts';
import type { EtcdView } from './steps/bootstrap-etcd.ts';
import type { RackWatch } from './watch-rack.ts';

export interface InstallSiteOptions {
  readonly spec: RackSpec;
  readonly secrets: ClusterSecrets;
  readonly watch: RackWatch;
  readonly manifest: readonly KubeObject[];
  readonly approved: ReadonlyMap<string, DiskId>;
  readonly accessFiles: { readonly kubeconfig: string; readonly talosconfig: string };
  readonly files: Files;
  readonly clock: Clock;
  readonly emit: Emit;
}

const noKubeconfig = defineFault<{ path: string }>('installer/no-kubeconfig', {
  kind: 'environment',
  title: ({ path }) => `${path} is not there yet`,
  state: () => 'Nothing was asked of Kubernetes.',
  remedy: () => 'Run the same command again: the file is written once etcd is bootstrapped.',
});

const noKeys = defineFault<{ path: string }>('installer/no-keys', {
  kind: 'environment',
  title: ({ path }) => `The keys of the cluster are not in ${path} yet`,
  state: () => 'Nothing was sent to the machine.',
  remedy: () => 'Run the same command again: they are minted by its first step.',
});

/** Joins the steps of an install to the real machines, the real cluster and the files of the operator. */
export function installSite(options: InstallSiteOptions): InstallSite {
  const { spec, secrets, watch, manifest, approved, accessFiles, files, clock, emit } = options;
  const find = machineFinder(watch);

  const talos = async <T>(entry: MachineSpec, use: (client: TalosClient) => Promise<T>): Promise<T> => {
    const keys = await secrets.keys();
    if (keys === undefined) throw noKeys({ path: secrets.path });
    const client = connectTalos({ address: entry.address, keys });
    return use(client).finally(() => client.close());
  };

  const kube = async <T>(use: (client: KubeClient) => Promise<T>): Promise<T> => {
    const text = await files.readText(accessFiles.kubeconfig);
    if (text === undefined) throw noKubeconfig({ path: accessFiles.kubeconfig });
    const client = connectKube(text);
    return use(client).finally(() => client.close());
  };

  const written = (what: string) => (path: string) => emit({ type: 'file.written', path, what });
  const controlPlanes = spec.machines.filter((entry) => entry.role === 'controlplane');

  return {
    spec,
    secrets: {
      path: secrets.path,
      exists: async () => (await secrets.read()) !== undefined,
      mint: () => secrets.mint(),
    },
    machine: (name) => {
      const entry = spec.machines.find((one) => one.name === name);
      if (entry === undefined) throw new Error(`the rack file has no machine ${name}`);
      return {
        entry,
        talosVersion: spec.talos.version,
        approved: approved.get(name),
        find,
        clock,
        configure: (_entry, observation, signal) =>
          configure({ spec, entry, observation, secrets, approved: approved.get(name) }, signal),
      };
    },
    etcd: {
      askEtcd: (entry, signal) => talos(entry, (client) => askEtcd(client, signal)).catch(viewOfSilence),
      bootstrap: (entry, signal) => talos(entry, (client) => client.bootstrap({ signal })).catch(forgiveRepetition),
    },
    talosconfig: {
      what: 'talosconfig',
      path: accessFiles.talosconfig,
      files,
      isCurrent: async (text) => isOf((await secrets.read())?.osCa.crt, text),
      make: async () => {
        const keys = await secrets.keys();
        if (keys === undefined) throw noKeys({ path: secrets.path });
        return renderTalosconfig({ cluster: spec.name, endpoints: controlPlanes.map((entry) => entry.address), keys });
      },
      onWritten: written('opens the Talos API of every machine'),
    },
    kubeconfig: {
      what: 'kubeconfig',
      path: accessFiles.kubeconfig,
      files,
      isCurrent: async (text) => isOf((await secrets.read())?.kubernetesCa.crt, text),
      make: (signal) => {
        const [first] = controlPlanes;
        if (first === undefined) throw new Error('the rack file has no control plane');
        return talos(first, (client) => client.kubeconfig({ signal }));
      },
      onWritten: written('opens the Kubernetes API'),
    },
    kube,
    flux: { manifest, objects: fluxObjects(spec.flux.source) },
  };
}

const isOf = (ca: string | undefined, text: string) => ca !== undefined && text.includes(encodePem(ca));

async function configure(
  job: {
    spec: RackSpec;
    entry: MachineSpec;
    observation: TalosObservation;
    secrets: ClusterSecrets;
    approved: DiskId | undefined;
  },
  signal: AbortSignal,
): Promise<void> {
  const { spec, entry, observation, secrets, approved } = job;
  const keys = await secrets.read();
  if (keys === undefined) throw noKeys({ path: secrets.path });
  const choice = resolveDisk(entry.disk, observation.disks);
  const now = choice.kind === 'one' ? choice.id : choice.kind;
  if (choice.kind !== 'one' || now !== approved)
    throw diskChanged({ name: entry.name, approved: approved ?? 'none', now });
  const link = chooseLink(entry, observation);
  const config = renderMachineConfig({ spec, machine: entry, secrets: keys, installDisk: choice.disk, link });
  const client = connectTalos({ address: observation.address });
  await client.applyConfiguration({ config, mode: 'AUTO' }, { signal }).finally(() => client.close());
}

/** etcd waits in the state Preparing for a bootstrap or a cluster to join; only then is it certain to have no data. */
async function askEtcd(client: TalosClient, signal: AbortSignal): Promise<EtcdView> {
  const etcd = (await client.services({ signal })).find((service) => service.id === 'etcd');
  if (etcd === undefined) return { kind: 'unclear', reason: 'etcd is not started yet' };
  if (etcd.state === 'Preparing') return { kind: 'waiting' };
  if (etcd.state !== 'Running') return { kind: 'unclear', reason: `etcd is ${etcd.state}` };
  const members = await client.etcdMembers({ signal });
  if (members.length === 0) return { kind: 'unclear', reason: 'etcd runs and lists no members' };
  return { kind: 'member', members };
}

function viewOfSilence(thrown: unknown): EtcdView {
  if (thrown instanceof Fault && thrown.kind === 'environment') return { kind: 'unclear', reason: thrown.message };
  throw thrown;
}

/** Talos refuses to bootstrap a machine whose etcd has data: then it was done, and the check that follows tells. */
function forgiveRepetition(thrown: unknown): void {
  if (thrown instanceof Fault && thrown.code === 'talos/already-exists') return;
  throw thrown;
}
