import { stringify } from 'yaml';
import { seconds } from '../core/millis.ts';
import type { Clock, Random } from '../core/ports.ts';
import { createLeaf } from './certificate.ts';
import { encodePem } from './pem-base64.ts';
import type { TalosSecrets } from './talos-secrets.ts';

export interface AdminKubeconfigRequest {
  readonly cluster: string;
  /** URL of the Kubernetes API. */
  readonly endpoint: string;
  /** Of the client certificate; one year when left out, as in Talos' `cluster.adminKubeconfig`. */
  readonly hours?: number;
}

/**
 * A new admin kubeconfig, made without asking a machine: the same certificate, names and places as in the one that a
 * control plane makes. It is good for as long as its certificate is, whatever happens to the secrets.
 */
export async function createAdminKubeconfig(
  secrets: Pick<TalosSecrets, 'kubernetesCa'>,
  { cluster, endpoint, hours = 8_760 }: AdminKubeconfigRequest,
  ports: { clock: Clock; random: Random },
): Promise<string> {
  const client = await createLeaf(
    {
      authority: secrets.kubernetesCa,
      commonName: 'admin',
      organizations: ['system:masters'],
      usage: 'client',
      keyEncipherment: true,
      backdated: seconds(10),
      hours,
    },
    ports,
  );
  const user = `admin@${cluster}`;
  return stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        {
          name: cluster,
          cluster: { server: endpoint, 'certificate-authority-data': encodePem(secrets.kubernetesCa.crt) },
        },
      ],
      users: [
        {
          name: user,
          user: { 'client-certificate-data': encodePem(client.crt), 'client-key-data': encodePem(client.key) },
        },
      ],
      contexts: [{ name: user, context: { cluster, namespace: 'default', user } }],
      'current-context': user,
    },
    { lineWidth: 0 },
  );
}
