import type { FluxSource } from '../../../core/rack-spec.ts';

/** A source of the rack file at HOST:PORT; `fleet` and a folder that is in it when left out. */
export interface Source {
  readonly named?: string;
  readonly path?: string;
  readonly secret?: string;
}

export const gitAt = (host: string, { named = 'fleet', path = './clusters/a', secret }: Source = {}): FluxSource => ({
  kind: 'GitRepository',
  url: `http://${host}/git/${named}`,
  branch: 'main',
  path,
  ...(secret === undefined ? {} : { secret }),
});

export const ociAt = (host: string, { named = 'fleet', path = './clusters/a', secret }: Source = {}): FluxSource => ({
  kind: 'OCIRepository',
  url: `oci://${host}/${named}`,
  tag: 'v1',
  path,
  insecure: true,
  ...(secret === undefined ? {} : { secret }),
});

/** Conditions in the order of their types, then which generation the status calls seen. */
export const fetched = ['ArtifactInStorage True Succeeded', 'Ready True Succeeded', 'seen'];
export const applied = ['Ready True ReconciliationSucceeded', 'seen'];
const retried = (reason: string) => [
  `FetchFailed True ${reason}`,
  `Ready False ${reason}`,
  'Reconciling True ProgressingWithRetry',
  'never seen',
];
const withoutArtifact = ['Ready False ArtifactFailed', 'never seen'];
const notApplied = (reason: string) => [`Ready False ${reason}`, 'Reconciling True ProgressingWithRetry', 'never seen'];

export interface HandOffFailure {
  readonly what: string;
  readonly at: typeof gitAt;
  readonly source: Source;
  /** What the operator reads. */
  readonly sentence: RegExp;
  readonly ofSource: readonly string[];
  readonly ofKustomization: readonly string[];
}

export const failures: readonly HandOffFailure[] = [
  {
    what: 'a repository that is not there',
    at: gitAt,
    source: { named: 'missing' },
    sentence:
      /^GitRepository flux-system\/flux-system: GitOperationFailed: failed to checkout and determine revision: unable to clone '.*missing': repository not found/,
    ofSource: retried('GitOperationFailed'),
    ofKustomization: withoutArtifact,
  },
  {
    what: 'an artifact that is not there',
    at: ociAt,
    source: { named: 'missing' },
    sentence:
      /^OCIRepository flux-system\/flux-system: OCIArtifactPullFailed: failed to determine artifact digest: GET .*\/v2\/missing\/manifests\/v1: NAME_UNKNOWN: Unknown name$/,
    ofSource: retried('OCIArtifactPullFailed'),
    ofKustomization: withoutArtifact,
  },
  {
    what: 'a secret of a repository that is not there',
    at: gitAt,
    source: { secret: 'key' },
    sentence:
      /^GitRepository flux-system\/flux-system: AuthenticationFailed: failed to get secret 'flux-system\/key': .*secrets "key" not found$/,
    ofSource: retried('AuthenticationFailed'),
    ofKustomization: withoutArtifact,
  },
  {
    what: 'a secret of an artifact that is not there',
    at: ociAt,
    source: { secret: 'key' },
    sentence:
      /^OCIRepository flux-system\/flux-system: AuthenticationFailed: failed to get credential: failed to get secret 'flux-system\/key': secrets "key" not found$/,
    ofSource: retried('AuthenticationFailed'),
    ofKustomization: withoutArtifact,
  },
  {
    what: 'a path that is not in it',
    at: gitAt,
    source: { path: './missing' },
    sentence:
      /^Kustomization flux-system\/flux-system: ArtifactFailed: kustomization path not found: stat \S+\/missing: no such file or directory$/,
    ofSource: fetched,
    ofKustomization: notApplied('ArtifactFailed'),
  },
  {
    what: 'what cannot be built',
    at: ociAt,
    source: { path: './broken' },
    sentence:
      /^Kustomization flux-system\/flux-system: BuildFailed: failed to decode Kubernetes YAML from \S+\/broken\/object.yaml: MalformedYAMLError/,
    ofSource: fetched,
    ofKustomization: notApplied('BuildFailed'),
  },
];
