import { defineFault } from '../../core/fault.ts';
import type { Clock, Files, Random } from '../../core/ports.ts';
import type { RackSpec } from '../../core/rack-spec.ts';
import {
  createAdminKubeconfig,
  createClientKeys,
  encodePem,
  mergeTalosconfig,
  parseSecretsFile,
  renderSecretsFile,
  type TalosRole,
  type TalosSecrets,
} from '../../talos/index.ts';
import type { ClusterSecrets } from '../cluster-secrets.ts';
import { fileInTheWay } from '../steps/write-access-file.ts';

interface AccessPorts {
  readonly files: Pick<Files, 'readText' | 'mode' | 'writeAtomically'>;
  readonly clock: Clock;
  readonly random: Random;
}

interface AccessRequest {
  readonly spec: RackSpec;
  readonly secrets: ClusterSecrets;
  readonly path: string;
  /** How long the new certificate is good. */
  readonly hours: number;
}

export const noSecrets = defineFault<{ rack: string; path: string }>('installer/no-secrets', {
  kind: 'operator',
  exitCode: 4,
  title: ({ rack, path }) => `There are no keys of the cluster ${rack} in ${path}`,
  state: () => 'Nothing was written.',
  remedy: () =>
    'Install the cluster with rackwright up, take over the keys of one that exists with rackwright secrets import, or name the right state directory with --state.',
});

const fileThere = defineFault<{ path: string }>('installer/file-there', {
  kind: 'operator',
  exitCode: 4,
  title: ({ path }) => `There is a file ${path} already`,
  state: () => 'It was not touched, and no key was written anywhere.',
  remedy: () => 'Give another file name: what is there is never overwritten.',
});

const secretsThere = defineFault<{ path: string }>('installer/secrets-there', {
  kind: 'operator',
  exitCode: 3,
  title: ({ path }) => `${path} has keys already`,
  state: () => 'They were not replaced: machines that were installed with them would not accept others.',
  remedy: () => 'Give the other cluster another name in its rack file.',
});

/**
 * A new client of the Talos API, made without asking a machine and put into a talosconfig: other contexts in it stay.
 * Gives the name of the context. Faults `installer/no-secrets`, `talos/talosconfig-invalid`.
 */
export async function writeTalosconfig(
  { spec, secrets, path, hours, roles }: AccessRequest & { roles: readonly TalosRole[] },
  ports: AccessPorts,
): Promise<string> {
  const keys = await createClientKeys(await openedOf(spec, secrets), { roles, hours }, ports);
  const endpoints = spec.machines.filter(({ role }) => role === 'controlplane').map(({ address }) => address);
  const existing = (await ports.files.readText(path)) ?? '';
  const { text, context } = mergeTalosconfig(existing, { cluster: spec.name, endpoints, keys });
  await ports.files.writeAtomically(path, text, 0o600);
  return context;
}

/** A new admin kubeconfig, made without asking a machine. A file of another cluster is never replaced. */
export async function writeKubeconfig(
  { spec, secrets, path, hours }: AccessRequest,
  ports: AccessPorts,
): Promise<void> {
  const opened = await openedOf(spec, secrets);
  const existing = await ports.files.readText(path);
  if (existing !== undefined && !existing.includes(encodePem(opened.kubernetesCa.crt))) throw fileInTheWay({ path });
  const endpoint = `https://${spec.network.vip}:6443`;
  const text = await createAdminKubeconfig(opened, { cluster: spec.name, endpoint, hours }, ports);
  await ports.files.writeAtomically(path, text, 0o600);
}

/** Seals the keys of a cluster that was made otherwise, from the `secrets.yaml` of talosctl. */
export async function importSecrets({ secrets, text }: { secrets: ClusterSecrets; text: string }): Promise<void> {
  if ((await secrets.read()) !== undefined) throw secretsThere({ path: secrets.path });
  await secrets.seal(parseSecretsFile(text));
}

/** The keys in clear, as `talosctl gen secrets` writes them, into a file that was not there before. */
export async function exportSecrets(
  { spec, secrets, path }: Omit<AccessRequest, 'hours'>,
  { files }: Pick<AccessPorts, 'files'>,
): Promise<void> {
  const opened = await openedOf(spec, secrets);
  if ((await files.mode(path)) !== undefined) throw fileThere({ path });
  await files.writeAtomically(path, renderSecretsFile(opened), 0o600);
}

async function openedOf(spec: RackSpec, secrets: ClusterSecrets): Promise<TalosSecrets> {
  const opened = await secrets.read();
  if (opened === undefined) throw noSecrets({ rack: spec.name, path: secrets.path });
  return opened;
}
