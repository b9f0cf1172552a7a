import { nodeClock } from '../../bin/platform/node-clock.ts';
import { nodeRandom } from '../../bin/platform/node-random.ts';
import { type CertificateAndKey, createAuthority, createLeaf } from '../../talos/certificate.ts';

export interface KubeCredentials {
  readonly authority: CertificateAndKey;
  readonly server: CertificateAndKey;
  /** A kubeconfig for the server at 127.0.0.1; of the group `system:masters` unless said otherwise. */
  kubeconfig(port: number, organization?: string): Promise<string>;
}

/** A cluster's own certificate authority with a server certificate for loopback. */
export async function createKubeCredentials(): Promise<KubeCredentials> {
  const ports = { clock: nodeClock, random: nodeRandom };
  const authority = await createAuthority({ kind: 'ecdsa-p256', organization: 'kubernetes' }, ports);
  const leaf = { authority, kind: 'ecdsa-p256', hours: 1 } as const;
  const server = await createLeaf({ ...leaf, usage: 'server', addresses: ['127.0.0.1'] }, ports);
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  return {
    authority,
    server,
    async kubeconfig(port, organization = 'system:masters') {
      const client = await createLeaf(
        { ...leaf, usage: 'client', organizations: [organization], commonName: 'admin' },
        ports,
      );
      return JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        clusters: [
          {
            name: 'test',
            cluster: {
              server: `https://127.0.0.1:${port}`,
              'certificate-authority-data': base64(authority.crt),
            },
          },
        ],
        users: [
          {
            name: 'admin',
            user: { 'client-certificate-data': base64(client.crt), 'client-key-data': base64(client.key) },
          },
        ],
        contexts: [{ name: 'admin@test', context: { cluster: 'test', user: 'admin' } }],
        'current-context': 'admin@test',
      });
    },
  };
}
