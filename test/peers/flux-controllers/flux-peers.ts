import { readFileSync } from 'node:fs';
import { nodeClock } from '../../../bin/platform/node-clock.ts';
import { arrangeFlux, connectKube, type KubeClient, type KubeObject, parseManifests } from '../../../cluster/index.ts';
import { millis } from '../../../core/millis.ts';
import { runFlux } from '../../lab/flux-controllers.ts';
import { createKubeCredentials } from '../../lab/kube-credentials.ts';
import { serveKube } from '../../lab/kube-server.ts';
import { KubeStore } from '../../lab/kube-store.ts';
import { buildControlPlane } from '../kube-apiserver/start-control-plane.ts';
import { buildFlux, type FluxPrograms } from './build-flux.ts';
import { type FluxCluster, startFluxCluster } from './start-flux-cluster.ts';
import { type FluxSourceServer, type SourceFiles, startFluxSource } from './start-flux-source.ts';

/** A cluster in which nothing of Flux is yet, and sources that it could follow. */
export interface FluxPeer {
  readonly client: KubeClient;
  /** Of an administrator. */
  readonly kubeconfig: string;
  readonly manifest: readonly KubeObject[];
  /** HOST:PORT of the repository and the artifact `fleet`; there is none named `missing`. */
  readonly host: string;
  readonly real?: RealFlux;
  stop(): Promise<void>;
}

interface RealFlux {
  readonly programs: FluxPrograms;
  readonly source: FluxSourceServer;
  readonly cluster: FluxCluster;
}

const object = (name: string, apiVersion = 'v1', kind = 'ConfigMap') =>
  JSON.stringify({ apiVersion, kind, metadata: { name, namespace: 'default' } });

/** What is in `fleet`, by folder. */
export const fleet: SourceFiles = {
  'clusters/a/object.yaml': object('from-source'),
  'broken/object.yaml': 'kind: [',
  'undefined/object.yaml': object('a', 'odd.example.com/v1', 'Odd'),
  'refused/object.yaml': object('Not_A_Name'),
};

/** Flux' own controllers, a real kube-apiserver, a git server and a registry. */
export async function startRealFlux(): Promise<FluxPeer> {
  const programs = await buildFlux();
  const cluster = await startFluxCluster(await buildControlPlane(), programs);
  const source = await startFluxSource(programs.source);
  await source.commit('fleet', fleet);
  await source.push('fleet', 'v1', fleet);
  const { client, kubeconfig, manifest } = cluster;
  const stop = async () => {
    await source.stop();
    await cluster.stop();
  };
  return { client, kubeconfig, manifest, host: `127.0.0.1:${source.port}`, real: { programs, source, cluster }, stop };
}

/** What the demo and the tests of the whole command have in their place. */
export async function startSimulatedFlux(): Promise<FluxPeer> {
  const life = new AbortController();
  const credentials = await createKubeCredentials();
  const store = new KubeStore({ clock: nodeClock, signal: life.signal });
  const condition = {
    type: 'Ready',
    status: 'False',
    reason: 'KubeletNotReady',
    message: 'cni plugin not initialized',
  };
  store.put({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' }, status: { conditions: [condition] } });
  const server = await serveKube(store, {
    address: '127.0.0.1',
    port: 0,
    certPem: credentials.server.crt,
    keyPem: credentials.server.key,
    clientCaPem: credentials.authority.crt,
  });
  const ended = runFlux(store, { clock: nodeClock, signal: life.signal, moment: millis(200) });
  const kubeconfig = await credentials.kubeconfig(server.port);
  const client = connectKube(kubeconfig);
  const release = readFileSync(new URL('../../lab/flux-install.yaml', import.meta.url), 'utf8');
  const manifest = arrangeFlux(parseManifests(release, 'flux-install.yaml'), {
    cni: 'none',
    dnsDomain: 'cluster.local',
  });
  const stop = async () => {
    life.abort();
    await Promise.all([ended, client.close(), server.close()]);
  };
  return { client, kubeconfig, manifest, host: '127.0.0.1:1', stop };
}
