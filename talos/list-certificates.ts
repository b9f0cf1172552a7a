import { z } from 'zod';
import type { Clock } from '../core/ports.ts';
import { authorities, readCertificate } from './check-secrets.ts';
import type { Talosconfig } from './parse-talosconfig.ts';
import { decodePem } from './pem-base64.ts';
import { kubeconfigInvalid } from './pki-faults.ts';
import { readYamlTexts } from './read-yaml-texts.ts';
import { splitPem } from './split-pem.ts';
import type { TalosSecrets } from './talos-secrets.ts';

export interface ListedCertificate {
  /** Which one it is, for people. */
  readonly name: string;
  readonly subject: string;
  readonly notAfter: Date;
  /** Whole days; negative once it has expired. */
  readonly daysLeft: number;
}

/** Everything that can hold certificates of a cluster, of which any may be left out. */
export interface CertificateSources {
  readonly secrets?: TalosSecrets;
  readonly talosconfig?: Talosconfig;
  /** Its text. */
  readonly kubeconfig?: string;
}

const dayMs = 86_400_000;

/**
 * Every certificate of these sources that can be read, the one that ends first at the top. Fault
 * `talos/kubeconfig-invalid`.
 */
export function listCertificates(sources: CertificateSources, clock: Pick<Clock, 'now'>): ListedCertificate[] {
  const now = clock.now().getTime();
  const listed = namedIn(sources).flatMap(([name, pem]) =>
    splitPem(pem).flatMap((one): ListedCertificate[] => {
      const certificate = readCertificate(one);
      if (certificate === undefined) return [];
      const notAfter = certificate.validToDate;
      const daysLeft = Math.floor((notAfter.getTime() - now) / dayMs);
      return [{ name, subject: (certificate.subject || '(empty)').replaceAll('\n', ', '), notAfter, daysLeft }];
    }),
  );
  return listed.sort((a, b) => a.notAfter.getTime() - b.notAfter.getTime());
}

/**
 * Which of them cannot be read, by the names that listCertificates would give them: nobody can tell how long they are
 * good. Fault `talos/kubeconfig-invalid`.
 */
export const unreadableCertificates = (sources: CertificateSources): string[] =>
  namedIn(sources)
    .filter(([, pem]) => {
      const certificates = splitPem(pem);
      return certificates.length === 0 ? pem !== '' : certificates.some((one) => readCertificate(one) === undefined);
    })
    .map(([name]) => name);

/** The text is empty where a user has no certificate. */
type Named = readonly [name: string, pem: string];

const namedIn = ({ secrets, talosconfig, kubeconfig }: CertificateSources): Named[] => [
  ...secretsCertificates(secrets),
  ...talosconfigCertificates(talosconfig),
  ...(kubeconfig === undefined ? [] : kubeconfigCertificates(kubeconfig)),
];

const secretsCertificates = (secrets: TalosSecrets | undefined): Named[] =>
  secrets === undefined
    ? []
    : Object.entries(authorities).map(([key, name]) => [
        `secrets: authority ${name}`,
        secrets[key as keyof typeof authorities].crt,
      ]);

const talosconfigCertificates = (talosconfig: Talosconfig | undefined): Named[] =>
  talosconfig?.contexts.flatMap(({ name, keys }): Named[] =>
    keys === undefined
      ? []
      : [
          [`talosconfig: authority of context ${name}`, keys.ca],
          [`talosconfig: client of context ${name}`, keys.cert],
        ],
  ) ?? [];

const entries = <Inner extends z.ZodType>(inner: Inner) =>
  z.array(z.object({ name: z.string() }).and(inner)).default([]);
const data = z.string().default('');
const kubeconfigFile = z.object({
  clusters: entries(z.object({ cluster: z.object({ 'certificate-authority-data': data }) })),
  users: entries(z.object({ user: z.object({ 'client-certificate-data': data }) })),
});

function kubeconfigCertificates(text: string): Named[] {
  const parsed = kubeconfigFile.safeParse(readYamlTexts(text));
  if (!parsed.success) throw kubeconfigInvalid(undefined);
  const { clusters, users } = parsed.data;
  return [
    ...clusters.map(
      ({ name, cluster }): Named => [
        `kubeconfig: authority of cluster ${name}`,
        decodePem(cluster['certificate-authority-data']),
      ],
    ),
    ...users.map(
      ({ name, user }): Named => [`kubeconfig: client of user ${name}`, decodePem(user['client-certificate-data'])],
    ),
  ];
}
