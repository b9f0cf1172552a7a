import type { KubeObject, ObjectMeta } from '../../cluster/kube-object.ts';
import { type Millis, millis } from '../../core/millis.ts';
import type { Clock } from '../../core/ports.ts';
import { establishedStatus } from './established-status.ts';
import { type KindInfo, kindsOfDefinition } from './kube-kinds.ts';
import { KubeLedger } from './kube-ledger.ts';
import { applyFields, type Owners, updateFields } from './kube-ownership.ts';
import { type Selection, selects } from './kube-selector.ts';
import { hasFinalizers, partOf, serverPart, stripped, userPart, type Write } from './kube-server-fields.ts';
import { badRequest, KubeError, noSuchResource, notFound, staleWrite } from './kube-status.ts';
import type { KubeWatchLog } from './kube-watch-log.ts';
import { shown } from './object-shelf.ts';
import { ServedKinds } from './served-kinds.ts';

export interface KubeStoreOptions {
  readonly clock: Clock;
  /** From the creation of a CustomResourceDefinition until its kind is served. */
  readonly establishAfter?: Millis;
  /** Ends what the store does by itself. */
  readonly signal?: AbortSignal;
}

/**
 * The state behind a Kubernetes API, in memory: any kind without a schema, resource versions, generations, field
 * ownership, status subresource, finalizers, definitions that add kinds, and watches. Faults are `KubeError`s.
 */
export class KubeStore {
  readonly #options: Required<Omit<KubeStoreOptions, 'signal'>> & Pick<KubeStoreOptions, 'signal'>;
  readonly #ledger: KubeLedger;
  readonly #served = new ServedKinds();

  constructor(options: KubeStoreOptions) {
    this.#options = { establishAfter: millis(50), ...options };
    this.#ledger = new KubeLedger(options.clock);
    for (const name of ['default', 'kube-system', 'kube-public', 'kube-node-lease']) {
      this.put({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    }
  }

  get resourceVersion(): number {
    return this.#ledger.resourceVersion;
  }

  get log(): KubeWatchLog {
    return this.#ledger.log;
  }

  /** All that is served now. */
  get kinds(): readonly KindInfo[] {
    return this.#served.all;
  }

  /** 404 when nothing of that kind is served. */
  kind(apiVersion: string, kind: string): KindInfo {
    const found = this.#served.find(apiVersion, kind);
    if (found === undefined) throw noSuchResource();
    return found;
  }

  find(apiVersion: string, kind: string, name: string, namespace?: string): KubeObject | undefined {
    const info = this.#served.find(apiVersion, kind);
    return info === undefined ? undefined : this.read(info, namespace, name);
  }

  /** Empty for a kind that is not served. */
  all(apiVersion: string, kind: string, selection: Selection = {}): KubeObject[] {
    const info = this.#served.find(apiVersion, kind);
    return info === undefined ? [] : this.list(info, selection);
  }

  read(kind: KindInfo, namespace: string | undefined, name: string): KubeObject | undefined {
    const found = this.#ledger.objects.get(kind, namespace, name);
    return found === undefined ? undefined : shown(found, kind);
  }

  list(kind: KindInfo, selection: Selection = {}): KubeObject[] {
    return this.#ledger.objects
      .all(kind)
      .map((found) => shown(found, kind))
      .filter(selects(selection));
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
    const before = this.#ledger.objects.get(kind, namespace, name);
    const identity = { name, ...(kind.namespaced && namespace !== undefined ? { namespace } : {}) };
    const live = before?.object ?? { apiVersion: wished.apiVersion, kind: wished.kind, metadata: identity };
    const { object, owners } = applyFields(live, partOf(kind, wished, by), before?.owners ?? [], {
      manager: by.manager,
      operation: 'Apply',
      subresource: by.subresource ?? '',
      force: by.force === true,
      time: this.#ledger.now,
    });
    return this.#store(kind, object, owners, by);
  }

  delete(kind: KindInfo, namespace: string | undefined, name: string, dryRun = false): KubeObject {
    const live = this.#mustRead(kind, { name, ...(namespace === undefined ? {} : { namespace }) });
    const before = this.#ledger.objects.get(kind, namespace, name);
    if (dryRun || before === undefined) return live;
    if (hasFinalizers(before.object)) {
      const metadata = { ...before.object.metadata, deletionTimestamp: this.#ledger.now };
      return this.#store(kind, { ...before.object, metadata }, before.owners, { manager: 'kube-apiserver' });
    }
    this.#ledger.remove(kind, before);
    this.#sweep(kind, name);
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
    const before = this.#ledger.objects.get(kind, object.metadata.namespace, object.metadata.name);
    const live = before?.object;
    const next = by.subresource === 'status' && live !== undefined ? { ...live, status: object['status'] } : object;
    const kept = by.subresource === undefined && kind.hasStatus ? { ...next, status: live?.['status'] } : next;
    const written = stripped({ ...kept, metadata: { ...serverPart(live?.metadata), ...userPart(kept.metadata) } });
    const owners = updateFields(live, written, before?.owners ?? [], {
      manager: by.manager,
      operation: 'Update',
      subresource: by.subresource ?? '',
      time: this.#ledger.now,
    });
    return this.#store(kind, written, owners, by);
  }

  #store(kind: KindInfo, wished: KubeObject, owners: Owners, by: Write): KubeObject {
    const { name, namespace } = wished.metadata;
    const isNew = this.#ledger.objects.get(kind, namespace, name) === undefined;
    if (isNew && kind.namespaced) this.#mustHaveNamespace(namespace);
    const { what, object } = this.#ledger.write(kind, wished, owners, by.dryRun === true);
    if (what === 'DELETED') this.#sweep(kind, name);
    if (kind.kind === 'CustomResourceDefinition') {
      if (what === 'ADDED') void this.#establish(kind, name);
      if (what === 'MODIFIED' && this.#served.of(name) !== undefined)
        this.#served.serve(name, kindsOfDefinition(object));
    }
    return object;
  }

  /** What was in a namespace, or of a kind, goes with it. */
  #sweep(kind: KindInfo, name: string): void {
    const inside = (one: KindInfo) => this.list(one, kind.kind === 'Namespace' ? { namespace: name } : {});
    const orphaned = kind.kind === 'Namespace' ? this.kinds.filter((one) => one.namespaced) : [];
    for (const one of [...orphaned, ...(this.#served.of(name) ?? [])]) {
      for (const object of inside(one)) this.delete(one, object.metadata.namespace, object.metadata.name);
    }
    if (kind.kind === 'CustomResourceDefinition') this.#served.end(name);
  }

  /** A new kind is served a moment after its definition was accepted. */
  async #establish(kind: KindInfo, name: string): Promise<void> {
    const { clock, establishAfter, signal } = this.#options;
    await clock.sleep(establishAfter, signal);
    const crd = this.read(kind, undefined, name);
    if (signal?.aborted === true || crd === undefined) return;
    this.#served.serve(name, kindsOfDefinition(crd));
    const status = establishedStatus(crd, this.#ledger.now);
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
}
