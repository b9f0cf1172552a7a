import type { Clock } from '../../core/ports.ts';
import { serveKube } from './kube-server.ts';
import { KubeStore } from './kube-store.ts';
import type { ClusterConfig, NodeConfig } from './node-config.ts';
import { isSameCertificate, issueLeaf } from './sim-pki.ts';

const apiServerPort = 6443;

/** One Kubernetes: the state, and the addresses on which API servers serve it now. */
export class KubernetesPlane {
  readonly store: KubeStore;
  readonly #cluster: ClusterConfig;
  readonly #clock: Clock;
  readonly #served = new Set<string>();
  #isVipHeld = false;

  constructor(cluster: ClusterConfig, clock: Clock, signal: AbortSignal) {
    this.#cluster = cluster;
    this.#clock = clock;
    this.store = new KubeStore({ clock, signal });
  }

  /** Whether the endpoint of that config answers, with this CA and for that bootstrap token. */
  admits({ cluster }: NodeConfig): boolean {
    return (
      cluster.token === this.#cluster.token &&
      isSameCertificate(cluster.ca.crt, this.#cluster.ca.crt) &&
      this.#served.has(`${cluster.endpoint.hostname}:${cluster.endpoint.port === '' ? 443 : cluster.endpoint.port}`)
    );
  }

  /** Takes the shared address when nobody has it; it is free again when the returned listener is closed. */
  async takeVip(config: NodeConfig, names: readonly string[]): Promise<{ close(): Promise<void> } | undefined> {
    if (config.vip === undefined || this.#isVipHeld) return undefined;
    this.#isVipHeld = true;
    const server = await this.serve(config, config.vip, names);
    return {
      close: async () => {
        await server.close();
        this.#isVipHeld = false;
      },
    };
  }

  /** An API server on this address, with a certificate of the cluster's CA for these names. */
  async serve({ cluster }: NodeConfig, address: string, names: readonly string[]): Promise<{ close(): Promise<void> }> {
    const { cert, key } = await issueLeaf(
      { cert: cluster.ca.crt, key: cluster.ca.key ?? '' },
      { subject: { CN: 'kube-apiserver', O: 'kube-master' }, usage: 'server', names, hours: 8760 },
      this.#clock,
    );
    const server = await serveKube(this.store, {
      address,
      port: apiServerPort,
      clientCaPem: this.#cluster.ca.crt,
      certPem: cert,
      keyPem: key,
    });
    const endpoint = `${address}:${apiServerPort}`;
    this.#served.add(endpoint);
    return {
      close: async () => {
        this.#served.delete(endpoint);
        await server.close();
      },
    };
  }
}
