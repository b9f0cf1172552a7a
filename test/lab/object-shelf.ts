import type { KubeObject } from '../../cluster/kube-object.ts';
import { apiVersionOf, type KindInfo } from './kube-kinds.ts';
import { managedFieldsOf, type Owners } from './kube-ownership.ts';

/** An object of a Kubernetes API, with who owns which of its fields. */
export interface Stored {
  readonly object: KubeObject;
  readonly owners: Owners;
  /** The object with its owners, frozen: what every reader gets. */
  readonly view: KubeObject;
}

export const resourceOf = ({ group, kind }: Pick<KindInfo, 'group' | 'kind'>): string => `${group}/${kind}`;

/** Objects by kind, namespace and name; whatever version of a kind is asked for, the objects are the same. */
export class ObjectShelf {
  readonly #resources = new Map<string, Map<string, Stored>>();

  get(kind: KindInfo, namespace: string | undefined, name: string): Stored | undefined {
    return this.#resources.get(resourceOf(kind))?.get(keyOf(kind, namespace, name));
  }

  /** All of a kind, in the order in which they were made. */
  all(kind: KindInfo): readonly Stored[] {
    return [...(this.#resources.get(resourceOf(kind))?.values() ?? [])];
  }

  put(kind: KindInfo, stored: Stored): void {
    const { name, namespace } = stored.object.metadata;
    const resource = resourceOf(kind);
    const shelf = this.#resources.get(resource) ?? new Map<string, Stored>();
    this.#resources.set(resource, shelf.set(keyOf(kind, namespace, name), stored));
  }

  remove(kind: KindInfo, { object }: Stored): void {
    const { name, namespace } = object.metadata;
    this.#resources.get(resourceOf(kind))?.delete(keyOf(kind, namespace, name));
  }
}

export function stored(object: KubeObject, owners: Owners): Stored {
  const metadata = { ...object.metadata, managedFields: managedFieldsOf(owners) };
  return { object, owners, view: frozen(structuredClone({ ...object, metadata })) };
}

/** The object in the version that was asked for. */
export const shown = ({ view }: Stored, kind: KindInfo): KubeObject =>
  view.apiVersion === apiVersionOf(kind) ? view : { ...view, apiVersion: apiVersionOf(kind) };

const keyOf = (kind: KindInfo, namespace: string | undefined, name: string) =>
  `${kind.namespaced ? (namespace ?? '') : ''}/${name}`;

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const inner of Object.values(value)) frozen(inner);
  return Object.freeze(value);
}
