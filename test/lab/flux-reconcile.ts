import { dig, digList, digText, type KubeObject } from '../../cluster/kube-object.ts';
import type { KubeStore } from './kube-store.ts';

export interface FluxCondition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
}

/**
 * What one look of a controller at its object comes to, with the conditions and words of source-controller and
 * kustomize-controller 1.9. `onTheWay`: what is written while the work of a look that succeeds is being done.
 */
export type Outcome = { readonly status: object; readonly conditions: readonly FluxCondition[] } & (
  | { readonly ready: true; readonly onTheWay: readonly FluxCondition[] }
  /** `seen`: it will not be tried again as it is. */
  | { readonly ready: false; readonly seen?: true }
);

const isTrue = (type: string, reason: string, message: string): FluxCondition => ({
  type,
  status: 'True',
  reason,
  message,
});
const notReady = (reason: string, message: string): FluxCondition => ({
  type: 'Ready',
  status: 'False',
  reason,
  message,
});
const retried = (message: string) => isTrue('Reconciling', 'ProgressingWithRetry', message);
const progressing = (doing: string, said = doing): FluxCondition[] => [
  isTrue('Reconciling', 'Progressing', doing),
  { type: 'Ready', status: 'Unknown', reason: 'Progressing', message: said },
];

/** Whether a source can be fetched here: nothing is fetched, but a URL with `missing` in it is nowhere. */
export function fetchSource(source: KubeObject, store: KubeStore, now: string): Outcome {
  const url = digText(source, 'spec', 'url') ?? '';
  const { name, namespace } = source.metadata;
  const isGit = source.kind === 'GitRepository';
  const of = (field: string) => digText(source, 'spec', 'ref', field);
  const hasArtifact = digText(source, 'status', 'artifact', 'revision') !== undefined;
  const doing = hasArtifact ? 'reconciliation in progress' : 'building artifact';
  const failed = (reason: string, message: string): Outcome => ({
    ready: false,
    status: {},
    conditions: [retried(doing), notReady(reason, message), isTrue('FetchFailed', reason, message)],
  });
  const secret = digText(source, 'spec', 'secretRef', 'name');
  if (secret !== undefined && store.find('v1', 'Secret', secret, namespace) === undefined) {
    const why = `failed to get secret '${namespace ?? ''}/${secret}'`;
    const message = `${isGit ? why : 'failed to get credential'}: ${why}: secrets "${secret}" not found`;
    return failed('AuthenticationFailed', message);
  }
  const [, host = '', repository = ''] = /^oci:\/\/([^/]+)\/(.*)$/.exec(url) ?? [];
  if (/[A-Z]/.test(repository)) {
    const allowed = 'repository can only contain the characters `abcdefghijklmnopqrstuvwxyz0123456789_-./`';
    const message = `URL validation failed for '${url}': ${allowed}: ${repository}`;
    const all = [isTrue('Stalled', 'URLInvalid', message), notReady('URLInvalid', message)];
    const conditions = [...all, isTrue('FetchFailed', 'URLInvalid', message)];
    return { ready: false, seen: true, status: {}, conditions };
  }
  if (url.includes('missing')) {
    if (isGit) {
      const message = `failed to checkout and determine revision: unable to clone '${url}': repository not found: `;
      return failed('GitOperationFailed', message);
    }
    const scheme = dig(source, 'spec', 'insecure') === true ? 'http' : 'https';
    const at = `${scheme}://${host}/v2/${repository}/manifests/${of('tag') ?? 'latest'}`;
    const message = `failed to determine artifact digest: GET ${at}: NAME_UNKNOWN: Unknown name`;
    return failed('OCIArtifactPullFailed', message);
  }
  const digest = digestOf(url);
  const revision = isGit
    ? `${of('branch') ?? 'master'}@sha1:${digest.slice(0, 40)}`
    : `${of('tag') ?? 'latest'}@sha256:${digest}`;
  const path = `${source.kind.toLowerCase()}/${namespace ?? ''}/${name}/${digest.slice(0, isGit ? 40 : 64)}.tar.gz`;
  const artifact = {
    revision,
    digest: `sha256:${digest}`,
    path,
    url: `http://source-controller.${namespace ?? ''}.svc.cluster.local./${path}`,
    lastUpdateTime: now,
  };
  const kept = digText(source, 'status', 'artifact', 'revision') === revision ? {} : { artifact };
  const message = `stored artifact for ${isGit ? 'revision' : 'digest'} '${revision}'`;
  const conditions = [isTrue('Ready', 'Succeeded', message), isTrue('ArtifactInStorage', 'Succeeded', message)];
  return { ready: true, status: kept, conditions, onTheWay: progressing(doing) };
}

/**
 * Whether a Kustomization can be applied: its source has an artifact, and what it depends on is ready at that revision. A path
 * with `missing` in it is not in the artifact, and what is at one with `broken` cannot be built.
 */
export function applyKustomization(kustomization: KubeObject, store: KubeStore): Outcome {
  const { namespace } = kustomization.metadata;
  const reference = dig(kustomization, 'spec', 'sourceRef');
  const [kind, name] = [digText(reference, 'kind') ?? '', digText(reference, 'name') ?? ''];
  const source = store.find('source.toolkit.fluxcd.io/v1', kind, name, digText(reference, 'namespace') ?? namespace);
  const held = (reason: string, message: string): Outcome => ({
    ready: false,
    status: {},
    conditions: [notReady(reason, message)],
  });
  if (source === undefined) {
    return held('ArtifactFailed', `${kind}.source.toolkit.fluxcd.io "${name}" not found`);
  }
  const revision = digText(source, 'status', 'artifact', 'revision');
  if (revision === undefined) {
    return held('ArtifactFailed', `Source artifact not found, retrying in ${requeueOf(store)}`);
  }
  for (const dependency of digList(kustomization, 'spec', 'dependsOn')) {
    const on = digText(dependency, 'name') ?? '';
    const other = store.find(
      kustomization.apiVersion,
      kustomization.kind,
      on,
      digText(dependency, 'namespace') ?? namespace,
    );
    if (other === undefined || digText(other, 'status', 'lastAppliedRevision') !== revision) {
      return held('DependencyNotReady', `dependency '${namespace ?? ''}/${on}' is not ready`);
    }
  }
  const at = `revision ${revision} with a timeout of 9m30s`;
  const path = digText(kustomization, 'spec', 'path') ?? './';
  const file = `/tmp/kustomization-1${path.replace(/^\./, '')}`;
  if (path.includes('missing')) {
    const message = `kustomization path not found: stat ${file}: no such file or directory`;
    const conditions = [retried(`Fetching manifests for ${at}`), notReady('ArtifactFailed', message)];
    return { ready: false, status: {}, conditions };
  }
  const attempted = { lastAttemptedRevision: revision };
  const doing = `Building manifests for ${at}`;
  if (path.includes('broken')) {
    const why = 'MalformedYAMLError: yaml: line 1: did not find expected node content';
    const message = `failed to decode Kubernetes YAML from ${file}/object.yaml: ${why}`;
    return { ready: false, status: attempted, conditions: [retried(doing), notReady('BuildFailed', message)] };
  }
  return {
    ready: true,
    status: { ...attempted, lastAppliedRevision: revision, inventory: { entries: [] } },
    conditions: [isTrue('Ready', 'ReconciliationSucceeded', `Applied revision: ${revision}`)],
    onTheWay: progressing(doing, 'Reconciliation in progress'),
  };
}

/** How soon a Kustomization looks again for what it waits for. */
function requeueOf(store: KubeStore): string {
  const containers = store
    .all('apps/v1', 'Deployment', { namespace: 'flux-system' })
    .flatMap((deployment) => digList(deployment, 'spec', 'template', 'spec', 'containers'))
    .filter((container) => digText(container, 'image')?.includes('kustomize-controller') === true);
  const args = containers.flatMap((container) => digList(container, 'args'));
  return (
    args.map((arg) => /^--requeue-dependency=(.+)$/.exec(String(arg))?.[1]).find((one) => one !== undefined) ?? '30s'
  );
}

/** 64 hex digits that are the same for the same text (FNV-1a over four seeds, twice). */
function digestOf(text: string): string {
  return [...Array(8).keys()]
    .map((seed) => {
      let hash = 0x811c9dc5 ^ (seed * 0x01000193);
      for (const char of text) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0;
      return hash.toString(16).padStart(8, '0');
    })
    .join('');
}
