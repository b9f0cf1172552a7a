import { isDeepStrictEqual } from 'node:util';
import { dig, type KubeObject, type ObjectMeta } from '../../cluster/kube-object.ts';
import { type Millis, millis } from '../../core/millis.ts';
import type { Clock } from '../../core/ports.ts';
import { apiVersionOf, builtInKinds, type KindInfo, kindsOfDefinition } from './kube-kinds.ts';
import { applyFields, managedFieldsOf, type Owners, updateFields } from './kube-ownership.ts';
import { type Selection, selects } from './kube-selector.ts';
import {
  hasFinalizers,
  partOf,
  serverPart,
  stripped,
  userPart,
  type Write,
  withServerFields,
} from './kube-server-fields.ts';
import { badRequest, KubeError, noSuchResource, notFound, staleWrite } from './kube-status.ts';
import { type Change, KubeWatchLog } from './kube-watch-log.ts';

export interface KubeStoreOptions {
  readonly clock: Clock;
  /** From the creation of a CustomResourceDefinition until its kind is served. */
  readonly establishAfter?: Millis;
  /** Ends what the store does by itself. */
  readonly signal?: AbortSignal;
}

interface Stored {
  readonly object: KubeObject;
  readonly owners: Owners;
  /** The object with its owners, frozen: what every reader gets. */
  readonly view: KubeObject;
}

export const resourceOf = ({ group, kind }: Pick<KindInfo, 'group' | 'kind'>) => `${group}/${kind}`;
const keyOf = (kind: KindInfo, namespace: string | undefined, name: string) =>
  `${resourceOf(kind)}/${kind.namespaced ? (namespace ?? '') : ''}/${name}`;

/**
 * The state behind a Kubernetes API, in memory: any kind without a schema, resource versions, generations, field
 * ownership, status subresource, finalizers, definitions that add kinds, and watches. Faults are `KubeError`s.
 */
export class KubeStore {
  readonly log = new KubeWatchLog();
  readonly #options: Required<Omit<KubeStoreOptions, 'signal'>> & Pick<KubeStoreOptions, 'signal'>;
  readonly #objects = new Map<string, Stored>();
  readonly #definitions = new Map<string, readonly KindInfo[]>();
  #resourceVersion = 1;
  #uid = 0;

  constructor(options: KubeStoreOptions) {
    this.#options = { establishAfter: millis(50), ...options };
    for (const name of ['default', 'kube-system', 'kube-public', 'kube-node-lease']) {
      this.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    }
  }

  get resourceVersion(): number {
    return this.#resourceVersion;
  }

  /** All that is served now. */
  get kinds(): readonly KindInfo[] {
    return [...builtInKinds, ...[...this.#definitions.values()].flat()];
  }

  /** 404 when nothing of that kind is served. */
  kind(apiVersion: string, kind: string): KindInfo {
    const found = this.kinds.find((one) => apiVersionOf(one) === apiVersion && one.kind === kind);
    if (found === undefined) throw noSuchResource();
    return found;
  }

  find(apiVersion: string, kind: string, name: string, namespace?: string): KubeObject | undefined {
    const info = this.kinds.find((one) => apiVersionOf(one) === apiVersion && one.kind === kind);
    return info === undefined ? undefined : this.read(info, namespace, name);
  }

  /** Empty for a kind that is not served. */
  all(apiVersion: string, kind: string, selection: Selection = {}): KubeObject[] {
    const info = this.kinds.find((one) => apiVersionOf(one) === apiVersion && one.kind === kind);
    return info === undefined ? [] : this.list(info, selection);
  }

  read(kind: KindInfo, namespace: string | undefined, name: string): KubeObject | undefined {
    const found = this.#objects.get(keyOf(kind, namespace, name));
    return found === undefined ? undefined : shown(found, kind);
  }

  list(kind: KindInfo, selection: Selection = {}): KubeObject[] {
    const isSelected = selects(selection);
    return [...this.#objects]
      .filter(([key]) => key.startsWith(`${resourceOf(kind)}/`))
      .map(([, found]) => shown(found, kind))
      .filter(isSelected);
  }

  /** 409 when it is there already. */
  create(kind: KindInfo, object: KubeObject, by: Write): KubeObject {
    if (this.read(kind, object.metadata.namespace, object.metadata.name) !== undefined) {
      throw new KubeError(409, 'AlreadyExists', `${kind.plural} "${object.metadata.name}" already exists`);
    }
    return this.#update(kind, object, by);
  }

  /** 409 when it names a resource version that is not the last one. */
  replace(kind: KindInfo, object: KubeObject, by: Write): KubeObject {
    const live = this.#mustRead(kind, object.metadata);
    const { resourceVersion } = object.metadata;
    if (resourceVersion !== undefined && resourceVersion !== live.metadata.resourceVersion) {
      throw staleWrite(kind.plural, object.metadata.name);
    }
    return this.#update(kind, object, by);
  }

  /** Server-side apply; creates what is not there. 409 names the other owners of a field unless forced. */
  apply(kind: KindInfo, wished: KubeObject, by: Write & { force?: boolean }): KubeObject {
    if (wished.metadata['managedFields'] !== undefined) throw badRequest('metadata.managedFields must be nil');
    const { name, namespace } = wished.metadata;
    const before = this.#objects.get(keyOf(kind, namespace, name));
    const identity = { name, ...(kind.namespaced && namespace !== undefined ? { namespace } : {}) };
    const live = before?.object ?? { apiVersion: wished.apiVersion, kind: wished.kind, metadata: identity };
    const { object, owners } = applyFields(live, partOf(kind, wished, by), before?.owners ?? [], {
      manager: by.manager,
      operation: 'Apply',
      subresource: by.subresource ?? '',
      force: by.force === true,
      time: this.#now(),
    });
    return this.#store(kind, object, owners, by);
  }

  delete(kind: KindInfo, namespace: string | undefined, name: string, dryRun = false): KubeObject {
    const live = this.#mustRead(kind, { name, ...(namespace === undefined ? {} : { namespace }) });
    const before = this.#objects.get(keyOf(kind, namespace, name));
    if (dryRun || before === undefined) return live;
    if (hasFinalizers(before.object)) {
      const metadata = { ...before.object.metadata, deletionTimestamp: this.#now() };
      return this.#store(kind, { ...before.object, metadata }, before.owners, { manager: 'kube-apiserver' });
    }
    this.#remove(kind, before);
    return live;
  }

  /** Creates or changes an object, its status too, whatever is there: for those who play a part of the cluster. */
  put(object: KubeObject, manager = 'lab'): KubeObject {
    const kind = this.kind(object.apiVersion, object.kind);
    const written = this.#update(kind, object, { manager });
    if (object['status'] === undefined || !kind.hasStatus) return written;
    return this.#update(kind, object, { manager, subresource: 'status' });
  }

  #update(kind: KindInfo, object: KubeObject, by: Write): KubeObject {
    const before = this.#objects.get(keyOf(kind, object.metadata.namespace, object.metadata.name));
    const live = before?.object;
    const next = by.subresource === 'status' && live !== undefined ? { ...live, status: object['status'] } : object;
    const kept = by.subresource === undefined && kind.hasStatus ? { ...next, status: live?.['status'] } : next;
    const written = stripped({ ...kept, metadata: { ...serverPart(live?.metadata), ...userPart(kept.metadata) } });
    const owners = updateFields(live, written, before?.owners ?? [], {
      manager: by.manager,
      operation: 'Update',
      subresource: by.subresource ?? '',
      time: this.#now(),
    });
    return this.#store(kind, written, owners, by);
  }

  #store(kind: KindInfo, wished: KubeObject, owners: Owners, by: Write): KubeObject {
    const { name, namespace } = wished.metadata;
    const key = keyOf(kind, namespace, name);
    const before = this.#objects.get(key);
    if (before === undefined && kind.namespaced) this.#mustHaveNamespace(namespace);
    const object = withServerFields(kind, wished, before?.object, () => ({ uid: this.#nextUid(), now: this.#now() }));
    if (by.dryRun === true) return shown(stored(object, owners), kind);
    if (before !== undefined && isDeepStrictEqual(object, before.object)) {
      const same = stored(object, owners);
      this.#objects.set(key, same);
      return shown(same, kind);
    }
    this.#resourceVersion += 1;
    const metadata = { ...object.metadata, resourceVersion: String(this.#resourceVersion) };
    const next = stored(structuredClone({ ...object, metadata }), owners);
    if ('deletionTimestamp' in metadata && !hasFinalizers(next.object)) {
      this.#remove(kind, next);
      return shown(next, kind);
    }
    this.#objects.set(key, next);
    this.#tell(kind, before === undefined ? 'ADDED' : 'MODIFIED', next, before);
    if (kind.kind === 'CustomResourceDefinition') {
      if (before === undefined) void this.#establish(kind, name);
      else if (this.#definitions.has(name)) this.#definitions.set(name, kindsOfDefinition(next.object));
    }
    return shown(next, kind);
  }

  #remove(kind: KindInfo, last: Stored): void {
    const { name, namespace } = last.object.metadata;
    this.#objects.delete(keyOf(kind, namespace, name));
    this.#resourceVersion += 1;
    const metadata = { ...last.object.metadata, resourceVersion: String(this.#resourceVersion) };
    this.#tell(kind, 'DELETED', stored({ ...last.object, metadata }, last.owners), last);
    const inside = (one: KindInfo) => this.list(one, kind.kind === 'Namespace' ? { namespace: name } : {});
    const orphaned = kind.kind === 'Namespace' ? this.kinds.filter((one) => one.namespaced) : [];
    for (const one of [...orphaned, ...(this.#definitions.get(name) ?? [])]) {
      for (const object of inside(one)) this.delete(one, object.metadata.namespace, object.metadata.name);
    }
    if (kind.kind === 'CustomResourceDefinition') this.#definitions.delete(name);
  }

  #tell(kind: KindInfo, type: Change['type'], now: Stored, before: Stored | undefined): void {
    this.log.append({
      type,
      resourceVersion: this.#resourceVersion,
      resource: resourceOf(kind),
      object: shown(now, kind),
      ...(before === undefined ? {} : { before: shown(before, kind) }),
    });
  }

  /** A new kind is served a moment after its definition was accepted. */
  async #establish(kind: KindInfo, name: string): Promise<void> {
    const { clock, establishAfter, signal } = this.#options;
    await clock.sleep(establishAfter, signal);
    const crd = this.read(kind, undefined, name);
    if (signal?.aborted === true || crd === undefined) return;
    this.#definitions.set(name, kindsOfDefinition(crd));
    const now = this.#now();
    const condition = (type: string, reason: string, message: string) => ({
      ...{ type, status: 'True', reason, message, lastTransitionTime: now },
    });
    const status = {
      acceptedNames: dig(crd, 'spec', 'names'),
      conditions: [
        condition('NamesAccepted', 'NoConflicts', 'no conflicts found'),
        condition('Established', 'InitialNamesAccepted', 'the initial names have been accepted'),
      ],
    };
    this.#update(kind, { ...crd, status }, { manager: 'kube-apiserver', subresource: 'status' });
  }

  #mustRead(kind: KindInfo, { name, namespace }: ObjectMeta): KubeObject {
    const live = this.read(kind, namespace, name);
    if (live === undefined) throw notFound(kind.group, kind.plural, name);
    return live;
  }

  #mustHaveNamespace(namespace: string | undefined): void {
    const found = namespace === undefined ? undefined : this.find('v1', 'Namespace', namespace);
    if (found === undefined) throw notFound('', 'namespaces', namespace ?? '');
  }

  #nextUid(): string {
    this.#uid += 1;
    return `00000000-0000-4000-8000-${this.#uid.toString(16).padStart(12, '0')}`;
  }

  #now(): string {
    return this.#options.clock
      .now()
      .toISOString()
      .replace(/\.\d+Z$/, 'Z');
  }
}

function stored(object: KubeObject, owners: Owners): Stored {
  const metadata = { ...object.metadata, managedFields: managedFieldsOf(owners) };
  return { object, owners, view: frozen(structuredClone({ ...object, metadata })) };
}

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const inner of Object.values(value)) frozen(inner);
  return Object.freeze(value);
}

/** The object in the version that was asked for. */
const shown = ({ view }: Stored, kind: KindInfo): KubeObject =>
  view.apiVersion === apiVersionOf(kind) ? view : { ...view, apiVersion: apiVersionOf(kind) };
