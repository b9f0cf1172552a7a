import { dig, digList, digText, type KubeObject } from '../../cluster/kube-object.ts';
import type { KubeStore } from './kube-store.ts';

/** What one look of a controller at its object comes to. */
export type Outcome =
  | { readonly ready: true; readonly reason: string; readonly message: string; readonly status: object }
  | {
      readonly ready: false;
      readonly reason: string;
      readonly message: string;
      readonly conditions?: readonly string[];
    };

/** Whether a source can be fetched here: nothing is fetched, but a URL with `missing` in it is nowhere. */
export function fetchSource(source: KubeObject, store: KubeStore, now: string): Outcome {
  const url = digText(source, 'spec', 'url') ?? '';
  const { name, namespace } = source.metadata;
  const secret = digText(source, 'spec', 'secretRef', 'name');
  const fetchFailed = ['FetchFailed'];
  if (secret !== undefined && store.find('v1', 'Secret', secret, namespace) === undefined) {
    const message = `failed to get secret '${namespace ?? ''}/${secret}': secrets "${secret}" not found`;
    return { ready: false, reason: 'AuthenticationFailed', message, conditions: fetchFailed };
  }
  const isGit = source.kind === 'GitRepository';
  if (url.includes('missing')) {
    const reason = isGit ? 'GitOperationFailed' : 'OCIArtifactPullFailed';
    return { ready: false, reason, message: `failed to fetch ${url}: not found`, conditions: fetchFailed };
  }
  const digest = digestOf(url);
  const of = (field: string) => digText(source, 'spec', 'ref', field);
  const revision = isGit
    ? `${of('branch') ?? 'master'}@sha1:${digest.slice(0, 40)}`
    : `${of('tag') ?? 'latest'}@sha256:${digest}`;
  const path = `${source.kind.toLowerCase()}/${namespace ?? ''}/${name}/${digest.slice(0, 12)}.tar.gz`;
  const artifact = {
    revision,
    digest: `sha256:${digest}`,
    path,
    url: `http://source-controller.${namespace ?? ''}.svc.cluster.local./${path}`,
    lastUpdateTime: now,
  };
  const kept = digText(source, 'status', 'artifact', 'revision') === revision ? {} : { artifact };
  return { ready: true, reason: 'Succeeded', message: `stored artifact for revision '${revision}'`, status: kept };
}

/** Whether a Kustomization can be applied: its source has an artifact, and what it depends on is ready at that revision. */
export function applyKustomization(kustomization: KubeObject, store: KubeStore): Outcome {
  const { namespace } = kustomization.metadata;
  const reference = dig(kustomization, 'spec', 'sourceRef');
  const [kind, name] = [digText(reference, 'kind') ?? '', digText(reference, 'name') ?? ''];
  const at = digText(reference, 'namespace') ?? namespace;
  const source = store.find('source.toolkit.fluxcd.io/v1', kind, name, at);
  if (source === undefined) {
    return { ready: false, reason: 'ArtifactFailed', message: `Source '${kind}/${at ?? ''}/${name}' not found` };
  }
  const revision = digText(source, 'status', 'artifact', 'revision');
  if (revision === undefined) {
    return { ready: false, reason: 'ArtifactFailed', message: 'Source artifact not found, retrying in 30s' };
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
      return {
        ready: false,
        reason: 'DependencyNotReady',
        message: `dependency '${namespace ?? ''}/${on}' is not ready`,
      };
    }
  }
  return {
    ready: true,
    reason: 'ReconciliationSucceeded',
    message: `Applied revision: ${revision}`,
    status: { lastAppliedRevision: revision, lastAttemptedRevision: revision, inventory: { entries: [] } },
  };
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
