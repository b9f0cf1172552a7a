import { stringify } from 'yaml';
import { z } from 'zod';
import { defineFault } from '../core/fault.ts';
import { decodePem, encodePair, encodePem } from './pem-base64.ts';
import { readYamlTexts } from './read-yaml-texts.ts';
import type { TalosSecrets } from './talos-secrets.ts';

const invalid = defineFault<{ reasons: readonly string[] }>('talos/secrets-invalid', {
  kind: 'operator',
  exitCode: 4,
  title: ({ reasons }) => `The secrets cannot be read as a Talos secrets.yaml: ${reasons.join('; ')}`,
  state: () => 'Nothing was changed.',
  remedy: () => 'Restore the file from a backup. New secrets do not open a cluster that was made with the old ones.',
});

const text = z.string().min(1);
/** Go's decoder passes over line breaks. */
const pem = z
  .string()
  .transform((encoded) => encoded.replaceAll(/[\r\n]/g, ''))
  .pipe(z.base64())
  .transform(decodePem)
  .refine((decoded) => decoded.startsWith('-----BEGIN '), { error: 'must be PEM in base64' });
const certificateAndKey = z.object({ crt: pem, key: pem });
const token = z.string().regex(/^[a-z0-9]{6}\.[a-z0-9]{16}$/, { error: 'must look like abcdef.0123456789abcdef' });

const secretsFile = z.object({
  cluster: z.object({ id: text, secret: text }),
  secrets: z
    .object({
      bootstraptoken: token,
      secretboxencryptionsecret: text.optional(),
      aescbcencryptionsecret: text.optional(),
    })
    .refine((secrets) => Boolean(secrets.secretboxencryptionsecret) !== Boolean(secrets.aescbcencryptionsecret), {
      error: 'must have exactly one of secretboxencryptionsecret and aescbcencryptionsecret',
    }),
  trustdinfo: z.object({ token: text }),
  certs: z.object({
    etcd: certificateAndKey,
    k8s: certificateAndKey,
    k8saggregator: certificateAndKey,
    k8sserviceaccount: z.object({ key: pem }),
    os: certificateAndKey,
  }),
});

/** The secrets as `talosctl gen secrets` writes them: keys in lower case, PEM texts in base64. */
export function renderSecretsFile(secrets: TalosSecrets): string {
  const file: z.input<typeof secretsFile> = {
    cluster: { id: secrets.clusterId, secret: secrets.clusterSecret },
    secrets: {
      bootstraptoken: secrets.bootstrapToken,
      ...(secrets.secretboxEncryptionSecret === undefined
        ? { aescbcencryptionsecret: secrets.aescbcEncryptionSecret }
        : { secretboxencryptionsecret: secrets.secretboxEncryptionSecret }),
    },
    trustdinfo: { token: secrets.trustdToken },
    certs: {
      etcd: encodePair(secrets.etcdCa),
      k8s: encodePair(secrets.kubernetesCa),
      k8saggregator: encodePair(secrets.aggregatorCa),
      k8sserviceaccount: { key: encodePem(secrets.serviceAccountKey) },
      os: encodePair(secrets.osCa),
    },
  };
  return stringify(file, { indent: 4, lineWidth: 0 });
}

/**
 * Reads a `secrets.yaml` of any Talos, in which all that Talos itself demands has to be there. Fault
 * `talos/secrets-invalid`, which never quotes a value. Whether it is good for anything, checkSecrets says.
 */
export function parseSecretsFile(yaml: string): TalosSecrets {
  const file = secretsFile.safeParse(readYamlTexts(yaml));
  if (!file.success) {
    throw invalid({ reasons: file.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) });
  }
  const { cluster, secrets, trustdinfo, certs } = file.data;
  return {
    clusterId: cluster.id,
    clusterSecret: cluster.secret,
    bootstrapToken: secrets.bootstraptoken,
    ...(secrets.secretboxencryptionsecret && { secretboxEncryptionSecret: secrets.secretboxencryptionsecret }),
    ...(secrets.aescbcencryptionsecret && { aescbcEncryptionSecret: secrets.aescbcencryptionsecret }),
    trustdToken: trustdinfo.token,
    etcdCa: certs.etcd,
    kubernetesCa: certs.k8s,
    aggregatorCa: certs.k8saggregator,
    serviceAccountKey: certs.k8sserviceaccount.key,
    osCa: certs.os,
  };
}
