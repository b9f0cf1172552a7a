import type { CertificateAndKey } from './certificate.ts';

/** Everything that a cluster's machines must agree on and nobody else may know. Lives only in one sealed file. */
export interface TalosSecrets {
  /** URL-safe base64 of 32 bytes. */
  readonly clusterId: string;
  /** Base64 of 32 bytes. */
  readonly clusterSecret: string;
  /** With this a kubelet asks for its first certificate: `[a-z0-9]{6}.[a-z0-9]{16}`. */
  readonly bootstrapToken: string;
  /** With this Kubernetes encrypts its Secrets in etcd; base64 of 32 bytes. Exactly one of the two is there. */
  readonly secretboxEncryptionSecret?: string;
  /** The same for clusters that were made before Talos 1.3; what is in their etcd opens with nothing else. */
  readonly aescbcEncryptionSecret?: string;
  /** With this a worker asks a control plane for its Talos certificate; same form as the bootstrap token. */
  readonly trustdToken: string;
  readonly etcdCa: CertificateAndKey;
  readonly kubernetesCa: CertificateAndKey;
  readonly aggregatorCa: CertificateAndKey;
  /** Signs the tokens of service accounts; PEM. */
  readonly serviceAccountKey: string;
  /** The authority of the Talos API: whoever holds its key is admin of every machine. */
  readonly osCa: CertificateAndKey;
}
