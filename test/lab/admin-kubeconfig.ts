import { gzipSync } from 'node:zlib';
import { stringify } from 'yaml';
import type { Clock } from '../../core/ports.ts';
import type { NodeConfig } from './node-config.ts';
import { issueLeaf } from './sim-pki.ts';

/**
 * The admin kubeconfig as a control plane makes it, in the form in which it is sent: gzip of a tar with one file. Talos
 * never closes its tar writer, so there is neither padding after the content nor an end of the archive.
 */
export async function kubeconfigArchive(config: NodeConfig, clock: Clock): Promise<Uint8Array> {
  const content = Buffer.from(await renderKubeconfig(config, clock));
  return gzipSync(Buffer.concat([tarHeader('kubeconfig', content.length), content]));
}

async function renderKubeconfig({ cluster }: NodeConfig, clock: Clock): Promise<string> {
  const { cert, key } = await issueLeaf(
    { cert: cluster.ca.crt, key: cluster.ca.key ?? '' },
    { subject: { CN: 'admin', O: 'system:masters' }, usage: 'client', names: [], hours: 8760 },
    clock,
  );
  const base64 = (pem: string) => Buffer.from(pem).toString('base64');
  const user = `admin@${cluster.name}`;
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: cluster.name,
        cluster: {
          server: cluster.endpoint.href.replace(/\/$/, ''),
          'certificate-authority-data': base64(cluster.ca.crt),
        },
      },
    ],
    users: [{ name: user, user: { 'client-certificate-data': base64(cert), 'client-key-data': base64(key) } }],
    contexts: [{ name: user, context: { cluster: cluster.name, namespace: 'default', user } }],
    'current-context': user,
  });
}

/** A ustar header (POSIX 1003.1 pax, "ustar Interchange Format") for a regular file. */
export function tarHeader(name: string, sizeBytes: number): Uint8Array {
  const header = Buffer.alloc(512);
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, '0')}\0`;
  header.write(name, 0);
  header.write(octal(0o600, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  header.write(octal(sizeBytes, 11), 124);
  header.write(octal(0, 11), 136);
  header.write(' '.repeat(8), 148);
  header.write('0', 156);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, octet) => total + octet, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}
