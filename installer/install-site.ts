import { connectKube, fluxObjects, type KubeClient, type KubeObject } from '../cluster/index.ts';
import type { Emit } from '../core/event.ts';
import { defineFault, Fault } from '../core/fault.ts';
import type { TalosObservation } from '../core/machine.ts';
import type { Clock, Files } from '../core/ports.ts';
import type { MachineSpec, RackSpec } from '../core/rack-spec.ts';
import {
  connectTalos,
  encodePem,
  installerSchematic,
  pinTalos,
  readVitals,
  renderTalosconfig,
  type TalosClient,
} from '../talos/index.ts';
import { askEtcd } from './ask-etcd.ts';
import type { ClusterSecrets } from './cluster-secrets.ts';
import { configureMachine } from './configure-machine.ts';
import { askEtcdCluster } from './etcd-cluster.ts';
import { machineFinder } from './find-machine.ts';
import type { InstallSite } from './install-plan.ts';
import { type InstallProgress, installProgress } from './install-progress.ts';
import type { DiskId } from './resolve-disk.ts';
import type { EtcdView } from './steps/bootstrap-etcd.ts';
import type { RackWatch } from './watch-rack.ts';

export interface InstallSiteOptions {
  readonly spec: RackSpec;
  readonly secrets: ClusterSecrets;
  readonly watch: RackWatch;
  readonly manifest: readonly KubeObject[];
  readonly approved: ReadonlyMap<string, DiskId>;
  /** How many machines are installed at once. */
  readonly parallel?: number;
  readonly accessFiles: { readonly kubeconfig: string; readonly talosconfig: string };
  readonly files: Files;
  readonly clock: Clock;
  readonly emit: Emit;
}

/**
 * Each install fetches the installer image, some 100 MB, through the same registry and the same uplink: twenty of them keep
 * a link of 1 Gbit/s busy for about a quarter of a minute, and more of them would only all be slower.
 */
const installsAtOnce = 20;

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
  const { parallel = installsAtOnce } = options;
  const find = machineFinder({ spec, ...watch });

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

  /** With our keys, or to the one machine in maintenance mode that was looked at, whose certificate it showed. */
  const reach = async ({ address, mode, fingerprint = '' }: TalosObservation): Promise<TalosClient | undefined> => {
    if (mode === 'maintenance') return connectTalos({ address, pinned: await pinTalos({ address }, fingerprint) });
    const keys = await secrets.keys();
    return keys === undefined ? undefined : connectTalos({ address, keys });
  };
  const progresses = new Map<string, InstallProgress>();
  const progressOf = (entry: MachineSpec): InstallProgress => {
    const known = progresses.get(entry.name) ?? installProgress({ connect: reach });
    progresses.set(entry.name, known);
    return known;
  };

  const written = (what: string) => (path: string) => emit({ type: 'file.written', path, what });
  const controlPlanes = spec.machines.filter((entry) => entry.role === 'controlplane');
  const endpoints = controlPlanes.map((entry) => entry.address);
  const schematic = installerSchematic(spec);

  return {
    spec,
    secrets: {
      path: secrets.path,
      exists: async () => (await secrets.read()) !== undefined,
      mint: () => secrets.mint(),
    },
    talos,
    machine: (name) => {
      const entry = spec.machines.find((one) => one.name === name);
      if (entry === undefined) throw new Error(`the rack file has no machine ${name}`);
      return {
        entry,
        talosVersion: spec.talos.version,
        ...(schematic === undefined ? {} : { schematic }),
        approved: approved.get(name),
        find,
        clock,
        progress: progressOf(entry),
        parallel,
        configure: async (observation, signal) => {
          const bundle = await secrets.read();
          if (bundle === undefined) throw noKeys({ path: secrets.path });
          // The config holds the keys of the cluster: it goes to the machine that was looked at, and to no other.
          const { address, fingerprint = '' } = observation;
          const client = connectTalos({ address, pinned: await pinTalos({ address }, fingerprint, { signal }) });
          const job = { spec, entry, observation, secrets: bundle, approved: approved.get(name) };
          await configureMachine(job, client, signal).finally(() => client.close());
        },
      };
    },
    vitals: (entry, signal) => talos(entry, (client) => readVitals(client, { signal })),
    etcd: {
      askEtcd: (entry, signal) => talos(entry, (client) => askEtcd(client, signal)).catch(viewOfSilence),
      bootstrap: (entry, signal) => talos(entry, (client) => client.bootstrap({ signal })).catch(forgiveRepetition),
    },
    etcdCluster: (entries, signal) => askEtcdCluster(entries, talos, signal, controlPlanes),
    talosconfig: {
      what: 'talosconfig',
      path: accessFiles.talosconfig,
      files,
      isCurrent: async (text) => holds(text, (await secrets.read())?.osCa.crt, endpoints),
      make: async () => {
        const keys = await secrets.keys();
        if (keys === undefined) throw noKeys({ path: secrets.path });
        return renderTalosconfig({ cluster: spec.name, endpoints, keys });
      },
      onWritten: written('opens the Talos API of every machine'),
    },
    kubeconfig: {
      what: 'kubeconfig',
      path: accessFiles.kubeconfig,
      files,
      isCurrent: async (text) =>
        holds(text, (await secrets.read())?.kubernetesCa.crt, [`https://${spec.network.vip}:6443`]),
      // Any control plane can make it, and one of them may be down.
      make: (signal) =>
        Promise.any(controlPlanes.map((entry) => talos(entry, (client) => client.kubeconfig({ signal })))).catch(
          (thrown: unknown) => {
            throw thrown instanceof AggregateError ? thrown.errors[0] : thrown;
          },
        ),
      onWritten: written('opens the Kubernetes API'),
    },
    kube,
    flux: { manifest, objects: fluxObjects(spec.flux.source) },
  };
}

/** Whether a file that opens a cluster opens this one: its authority, at the places where it answers. */
const holds = (text: string, ca: string | undefined, places: readonly string[]) =>
  ca !== undefined && [encodePem(ca), ...places].every((part) => text.includes(part));

function viewOfSilence(thrown: unknown): EtcdView {
  if (thrown instanceof Fault && thrown.kind === 'environment') return { kind: 'unclear', reason: thrown.message };
  throw thrown;
}

/** Talos refuses to bootstrap a machine whose etcd has data: then it was done, and the check that follows tells. */
function forgiveRepetition(thrown: unknown): void {
  if (thrown instanceof Fault && thrown.code === 'talos/already-exists') return;
  throw thrown;
}
