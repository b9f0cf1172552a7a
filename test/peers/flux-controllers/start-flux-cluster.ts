import { readFileSync } from 'node:fs';
import { nodeClock } from '../../../bin/platform/node-clock.ts';
import { arrangeFlux, connectKube, type KubeClient, type KubeObject, parseManifests } from '../../../cluster/index.ts';
import { digText } from '../../../cluster/kube-object.ts';
import { openTransport } from '../../../cluster/kube-transport.ts';
import { millis } from '../../../core/millis.ts';
import { createKubeCredentials } from '../../lab/kube-credentials.ts';
import { startControlPlane } from '../kube-apiserver/start-control-plane.ts';
import type { FluxPrograms } from './build-flux.ts';
import { type FluxPod, startFluxPod } from './start-flux-pod.ts';

export interface FluxCluster {
  readonly client: KubeClient;
  /** Of an administrator. */
  readonly kubeconfig: string;
  /** What is applied of Flux here, with the definitions of the release. */
  readonly manifest: readonly KubeObject[];
  /** Runs the pod of the Deployment that is there, and reports it available once it answers its probes. */
  startPod(): Promise<FluxPod>;
  stop(): Promise<void>;
}

/** A real kube-apiserver, in which nothing of Flux is yet. */
export async function startFluxCluster(controlPlane: string, programs: FluxPrograms): Promise<FluxCluster> {
  const credentials = await createKubeCredentials();
  const server = await startControlPlane(controlPlane, credentials);
  const kubeconfig = await credentials.kubeconfig(server.port);
  const client = connectKube(kubeconfig);
  const transport = openTransport(kubeconfig);
  const isUp = () => client.readyz().catch(() => false);
  while (!(await isUp())) await nodeClock.sleep(millis(100));
  let pod: FluxPod | undefined;

  const tokenOf = async (account: string): Promise<string> => {
    const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { audiences: [] } };
    const answer = await transport.send({
      method: 'POST',
      path: `/api/v1/namespaces/flux-system/serviceaccounts/${account}/token`,
      contentType: 'application/json',
      body: JSON.stringify(request),
      what: `a token of ${account}`,
    });
    return digText(JSON.parse(answer), 'status', 'token') ?? '';
  };

  return {
    client,
    kubeconfig,
    manifest: withDefinitions(programs.definitions),
    async startPod() {
      const deployment = await client.get('apps/v1', 'Deployment', 'flux', 'flux-system');
      if (deployment === undefined) throw new Error('there is no Deployment of Flux');
      const account = digText(deployment, 'spec', 'template', 'spec', 'serviceAccountName') ?? 'default';
      pod = await startFluxPod(deployment, {
        programs: programs.controllers,
        kubeconfig: withToken(kubeconfig, await tokenOf(account)),
      });
      await transport.send({
        method: 'PATCH',
        path: '/apis/apps/v1/namespaces/flux-system/deployments/flux/status',
        contentType: 'application/merge-patch+json',
        body: JSON.stringify({ status: availableAt(deployment.metadata.generation) }),
        what: 'report the Deployment',
      });
      return pod;
    },
    async stop() {
      try {
        await pod?.stop();
      } finally {
        await Promise.all([client.close(), transport.close()]);
        await server.stop();
      }
    },
  };
}

/** The manifest of the tests, with the release's definitions in place of those without a schema. */
function withDefinitions(definitions: readonly KubeObject[]): readonly KubeObject[] {
  const text = readFileSync(new URL('../../lab/flux-install.yaml', import.meta.url), 'utf8');
  const standIn = parseManifests(text, 'flux-install.yaml');
  const names = new Set(definitions.map(({ metadata }) => metadata.name));
  const others = standIn.filter(
    ({ kind, metadata }) => kind !== 'CustomResourceDefinition' || !names.has(metadata.name),
  );
  return arrangeFlux([...definitions, ...others], { cni: 'none', dnsDomain: 'cluster.local' });
}

function withToken(kubeconfig: string, token: string): string {
  const config = JSON.parse(kubeconfig) as { users: { name: string }[] };
  return JSON.stringify({ ...config, users: config.users.map(({ name }) => ({ name, user: { token } })) });
}

const availableAt = (generation: number | undefined) => ({
  observedGeneration: generation,
  replicas: 1,
  updatedReplicas: 1,
  readyReplicas: 1,
  availableReplicas: 1,
  conditions: [{ type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable', message: 'available' }],
});
