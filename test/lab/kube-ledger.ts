import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '../../cluster/kube-object.ts';
import type { Clock } from '../../core/ports.ts';
import type { KindInfo } from './kube-kinds.ts';
import type { Owners } from './kube-ownership.ts';
import { hasFinalizers, withServerFields } from './kube-server-fields.ts';
import { type Change, KubeWatchLog } from './kube-watch-log.ts';
import { ObjectShelf, resourceOf, type Stored, shown, stored } from './object-shelf.ts';

/** What became of a write. */
export interface Written {
  readonly what: Change['type'] | 'SAME';
  readonly object: KubeObject;
}

/** The objects of a Kubernetes API in their last version, and every change of them with the number that it has. */
export class KubeLedger {
  readonly log = new KubeWatchLog();
  readonly objects = new ObjectShelf();
  readonly #clock: Pick<Clock, 'now'>;
  #resourceVersion = 1;
  #uid = 0;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  get resourceVersion(): number {
    return this.#resourceVersion;
  }

  /** As Kubernetes writes times. */
  get now(): string {
    return this.#clock
      .now()
      .toISOString()
      .replace(/\.\d+Z$/, 'Z');
  }

  /** A version of its own for what is another than before. What is to be deleted goes with its last finalizer. */
  write(kind: KindInfo, wished: KubeObject, owners: Owners, isDryRun: boolean): Written {
    const { name, namespace } = wished.metadata;
    const before = this.objects.get(kind, namespace, name);
    const object = withServerFields(kind, wished, before?.object, () => ({ uid: this.#nextUid(), now: this.now }));
    if (isDryRun) return { what: 'SAME', object: shown(stored(object, owners), kind) };
    if (before !== undefined && isDeepStrictEqual(object, before.object)) {
      const same = stored(object, owners);
      this.objects.put(kind, same);
      return { what: 'SAME', object: shown(same, kind) };
    }
    const metadata = { ...object.metadata, resourceVersion: this.#nextVersion() };
    const next = stored(structuredClone({ ...object, metadata }), owners);
    if ('deletionTimestamp' in metadata && !hasFinalizers(next.object)) {
      this.remove(kind, next);
      return { what: 'DELETED', object: shown(next, kind) };
    }
    this.objects.put(kind, next);
    const what = before === undefined ? 'ADDED' : 'MODIFIED';
    this.#tell(kind, what, next, before);
    return { what, object: shown(next, kind) };
  }

  remove(kind: KindInfo, last: Stored): void {
    this.objects.remove(kind, last);
    const metadata = { ...last.object.metadata, resourceVersion: this.#nextVersion() };
    this.#tell(kind, 'DELETED', stored({ ...last.object, metadata }, last.owners), last);
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

  #nextVersion(): string {
    this.#resourceVersion += 1;
    return String(this.#resourceVersion);
  }

  #nextUid(): string {
    this.#uid += 1;
    return `00000000-0000-4000-8000-${this.#uid.toString(16).padStart(12, '0')}`;
  }
}
