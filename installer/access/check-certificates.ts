import { Fault, type FaultView, viewOf } from '../../core/fault.ts';
import type { Clock, Files } from '../../core/ports.ts';
import {
  certificateUnreadable,
  checkTalosKeys,
  type ListedCertificate,
  listCertificates,
  parseTalosconfig,
  type Talosconfig,
  type TalosSecrets,
  unreadableCertificates,
} from '../../talos/index.ts';
import type { ClusterSecrets } from '../cluster-secrets.ts';
import type { AccessFiles } from './access-files.ts';

export interface CertificateFinding extends ListedCertificate {
  readonly verdict: 'good' | 'ends-soon' | 'expired';
}

export interface CertificateReport {
  /** The one that ends first at the top. */
  readonly certificates: readonly CertificateFinding[];
  /** What cannot be read, and what would make machines refuse a file that is not out of date. */
  readonly problems: readonly FaultView[];
}

/**
 * Every certificate with which this cluster is opened, and the days that it has left: those of the sealed secrets, and
 * of the talosconfig and the kubeconfig where they are there. Reads files only, so it tells when no machine answers.
 */
export async function checkCertificates(
  { secrets, accessFiles, warnDays }: { secrets: ClusterSecrets; accessFiles: AccessFiles; warnDays: number },
  { files, clock }: { files: Pick<Files, 'readText'>; clock: Clock },
): Promise<CertificateReport> {
  const [opened, talosconfigText, kubeconfig] = await Promise.all([
    secrets.read(),
    files.readText(accessFiles.talosconfig),
    files.readText(accessFiles.kubeconfig),
  ]);
  const talosconfig = talosconfigText === undefined ? undefined : parseTalosconfig(talosconfigText);
  const sources = {
    ...(opened === undefined ? {} : { secrets: opened }),
    ...(talosconfig === undefined ? {} : { talosconfig }),
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
  };
  return {
    certificates: listCertificates(sources, clock).map((one) => ({ ...one, verdict: judge(one.daysLeft, warnDays) })),
    problems: [
      ...unreadableCertificates(sources).map((name) => viewOf(certificateUnreadable({ name }))),
      ...(talosconfig === undefined ? [] : problemsOf(talosconfig, opened, clock)),
    ],
  };
}

const judge = (daysLeft: number, warnDays: number): CertificateFinding['verdict'] => {
  if (daysLeft < 0) return 'expired';
  return daysLeft <= warnDays ? 'ends-soon' : 'good';
};

/** Of the context in use, which is the one that a person's command would take. */
function problemsOf({ context, contexts }: Talosconfig, secrets: TalosSecrets | undefined, clock: Clock): FaultView[] {
  const keys = contexts.find(({ name }) => name === context)?.keys;
  if (keys === undefined) return [];
  try {
    checkTalosKeys(keys, clock, secrets);
    return [];
  } catch (thrown) {
    if (thrown instanceof Fault) return [viewOf(thrown)];
    throw thrown;
  }
}
