import type { Clock } from '../../core/ports.ts';
import { KubernetesPlane } from './cluster-kubernetes.ts';
import type { KubeStore } from './kube-store.ts';
import type { NodeConfig } from './node-config.ts';
import type { SeededRandom } from './seeded-random.ts';
import { type EtcdCluster, EtcdWorld } from './sim-etcd.ts';
import { type Identity, isSameCertificate, issueLeaf } from './sim-pki.ts';

/** What plays the controllers of a cluster, from its first API server until the signal. */
export type StartControllers = (store: KubeStore, signal: AbortSignal) => void;

/** What the nodes of the rack are to each other once they are configured: trustd, etcd and Kubernetes. */
export class ClusterFabric {
  readonly etcd: EtcdWorld;
  refusedBootstraps = 0;
  readonly #clock: Clock;
  readonly #startControllers: StartControllers;
  readonly #trustds = new Map<NodeConfig, Clock>();
  readonly #planes = new Map<bigint, KubernetesPlane>();
  readonly #signal: AbortSignal;

  constructor(options: {
    readonly clock: Clock;
    readonly random: SeededRandom;
    readonly signal: AbortSignal;
    readonly startControllers: StartControllers;
  }) {
    this.#clock = options.clock;
    this.#signal = options.signal;
    this.#startControllers = options.startControllers;
    this.etcd = new EtcdWorld(options.random);
  }

  /** A control plane's trustd answers from now on; call the returned function when it goes down. */
  trustdUp(config: NodeConfig, clock: Clock): () => void {
    this.#trustds.set(config, clock);
    return () => this.#trustds.delete(config);
  }

  /**
   * The certificate that a node serves its API with. A control plane signs its own; a worker sends a request to the
   * trustd of a control plane, which must share the CA and the token: `undefined` while there is none. Who signs it dates it.
   */
  async serverCertificate(config: NodeConfig, names: readonly string[], clock: Clock): Promise<Identity | undefined> {
    const [signer, dater] =
      config.type === 'controlplane'
        ? [config, clock]
        : ([...this.#trustds].find(
            ([other]) => other.token === config.token && isSameCertificate(other.machineCa.crt, config.machineCa.crt),
          ) ?? []);
    if (dater === undefined || signer?.machineCa.key === undefined) return undefined;
    const wish = { subject: { CN: names[0] ?? 'talos' }, usage: 'server', names, hours: 24 } as const;
    return issueLeaf({ cert: signer.machineCa.crt, key: signer.machineCa.key }, wish, dater);
  }

  /** The Kubernetes whose state is in this etcd cluster; it begins with the first control plane that asks. */
  planeOn(cluster: EtcdCluster, config: NodeConfig): KubernetesPlane {
    const known = this.#planes.get(cluster.id);
    if (known !== undefined) return known;
    const plane = new KubernetesPlane(config.cluster, this.#clock, this.#signal);
    this.#startControllers(plane.store, this.#signal);
    this.#planes.set(cluster.id, plane);
    return plane;
  }

  /** An etcd cluster made from a snapshot of another one holds the same Kubernetes. */
  restorePlane(from: bigint, to: bigint): void {
    const plane = this.#planes.get(from);
    if (plane !== undefined) this.#planes.set(to, plane);
  }

  /** The Kubernetes that a kubelet with this config reaches and is let into; `undefined` while there is none. */
  planeFor(config: NodeConfig): KubernetesPlane | undefined {
    return [...this.#planes.values()].find((plane) => plane.admits(config));
  }
}
