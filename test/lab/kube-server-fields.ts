import { isDeepStrictEqual } from 'node:util';
import type { KubeObject, ObjectMeta } from '../../cluster/kube-object.ts';
import type { KindInfo } from './kube-kinds.ts';

/** How something is written. */
export interface Write {
  readonly manager: string;
  readonly subresource?: 'status';
  readonly dryRun?: boolean;
}

export const hasFinalizers = ({ metadata }: KubeObject) =>
  Array.isArray(metadata['finalizers']) && metadata['finalizers'].length > 0;

/** What a write may touch: all but the status, or nothing but it. */
export function partOf(kind: KindInfo, object: KubeObject, by: Write): KubeObject {
  const { status, ...rest } = object;
  if (by.subresource === 'status') {
    return { apiVersion: object.apiVersion, kind: object.kind, metadata: { name: object.metadata.name }, status };
  }
  return kind.hasStatus ? rest : object;
}

const ownByServer = ['uid', 'resourceVersion', 'generation', 'creationTimestamp', 'deletionTimestamp'];

/** Of the metadata of an object, what only the server writes. */
export const serverPart = (metadata: ObjectMeta | undefined) =>
  Object.fromEntries(Object.entries(metadata ?? {}).filter(([name]) => ownByServer.includes(name)));

/** Of the metadata that was sent, what its sender may write. */
export const userPart = (metadata: ObjectMeta) =>
  Object.fromEntries(
    Object.entries(metadata).filter(([name]) => ![...ownByServer, 'managedFields', 'selfLink'].includes(name)),
  ) as ObjectMeta;

/** Without fields that are `undefined`. */
export const stripped = (object: KubeObject): KubeObject =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as KubeObject;

/** What the API server adds by itself: identity, generation, and what it says of a new namespace. */
export function withServerFields(
  kind: KindInfo,
  wished: KubeObject,
  live: KubeObject | undefined,
  fresh: () => { uid: string; now: string },
): KubeObject {
  const content = ({ metadata: _, status: __, apiVersion: ___, ...rest }: KubeObject) => rest;
  const isChanged = live === undefined || !isDeepStrictEqual(content(wished), content(live));
  const counts = 'spec' in wished && kind.kind !== 'Namespace';
  const generation = (live?.metadata.generation ?? 0) + (isChanged ? 1 : 0);
  const born = live === undefined ? fresh() : undefined;
  const object: KubeObject = {
    ...wished,
    metadata: {
      ...wished.metadata,
      ...(born === undefined ? {} : { uid: born.uid, creationTimestamp: born.now }),
      ...(counts ? { generation } : {}),
    },
  };
  if (kind.kind !== 'Namespace' || kind.group !== '') return object;
  const labels = { ...object.metadata.labels, 'kubernetes.io/metadata.name': object.metadata.name };
  return { status: { phase: 'Active' }, ...object, metadata: { ...object.metadata, labels } };
}
