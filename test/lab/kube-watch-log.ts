import type { KubeObject } from '../../cluster/kube-object.ts';
import { KubeError } from './kube-status.ts';

export interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly resourceVersion: number;
  /** Group and kind, whatever the version. */
  readonly resource: string;
  readonly object: KubeObject;
  /** As it was before; absent for what is new. */
  readonly before?: KubeObject;
}

/** The last changes in order, as etcd keeps them for watches, and who is told of the next. */
export class KubeWatchLog {
  readonly #kept: number;
  readonly #listeners = new Set<(change: Change) => void>();
  #changes: Change[] = [];
  #forgotten = 0;

  constructor(kept = 5000) {
    this.#kept = kept;
  }

  append(change: Change): void {
    this.#changes.push(change);
    while (this.#changes.length > this.#kept) this.#forgotten = this.#changes.shift()?.resourceVersion ?? 0;
    for (const listener of this.#listeners) listener(change);
  }

  /** Tells of every change after a resource version, first of the past ones. 410 when they are forgotten. */
  follow(after: number, listener: (change: Change) => void): () => void {
    if (after < this.#forgotten) {
      throw new KubeError(410, 'Expired', `too old resource version: ${after} (${this.#forgotten + 1})`);
    }
    for (const change of this.#changes) if (change.resourceVersion > after) listener(change);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
