import type { FluxSource } from '../core/rack-spec.ts';
import { digText, type KubeObject } from './kube-object.ts';

/** Name and namespace of what `flux bootstrap` makes, so that its commands and the habits of operators go on working. */
export const fluxNamespace = 'flux-system';
const metadata = { name: 'flux-system', namespace: fluxNamespace } as const;

/**
 * The source of the cluster's configuration and the Kustomization that applies it, with the names and intervals of
 * `flux bootstrap`. A failed Kustomization is tried again after a minute rather than at the next interval.
 */
export function fluxObjects(source: FluxSource): { source: KubeObject; kustomization: KubeObject } {
  return {
    source: {
      apiVersion: 'source.toolkit.fluxcd.io/v1',
      kind: source.kind,
      metadata,
      spec: {
        interval: '1m0s',
        url: source.url,
        ref: source.kind === 'OCIRepository' ? { tag: source.tag } : { branch: source.branch },
        ...(source.kind === 'OCIRepository' && source.insecure ? { insecure: true } : {}),
        ...(source.secret === undefined ? {} : { secretRef: { name: source.secret } }),
      },
    },
    kustomization: {
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind: 'Kustomization',
      metadata,
      spec: {
        interval: '10m0s',
        retryInterval: '1m0s',
        path: `./${source.path.replace(/^(\.?\/+|\.$)/, '')}`,
        prune: true,
        sourceRef: { kind: source.kind, name: metadata.name },
      },
    },
  };
}

/** The revision that a source has fetched, or that a Kustomization has applied, in the words of Flux: `main@sha1:…`. */
export const revisionOf = (object: KubeObject): string | undefined =>
  digText(object, 'status', 'artifact', 'revision') ?? digText(object, 'status', 'lastAppliedRevision');
