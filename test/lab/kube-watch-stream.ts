import type { ServerResponse } from 'node:http';
import type { KubeObject } from '../../cluster/kube-object.ts';
import { apiVersionOf, type KindInfo } from './kube-kinds.ts';
import { type Selection, selects } from './kube-selector.ts';
import { KubeError, statusOf } from './kube-status.ts';
import type { KubeStore } from './kube-store.ts';
import type { Change } from './kube-watch-log.ts';
import { resourceOf } from './object-shelf.ts';

export interface WatchOptions extends Selection {
  /** Empty or `0`: begins with what is there now. */
  readonly resourceVersion: string;
  readonly bookmarks: boolean;
  /** Asks for the initial state, ended by a marked bookmark. */
  readonly initialEvents: boolean;
}

/** Streams changes as JSON lines until the client goes or `end` is called, which says where it stopped in a bookmark. */
export function streamWatch(
  store: KubeStore,
  kind: KindInfo,
  options: WatchOptions,
  response: ServerResponse,
): { end(): void } {
  response.writeHead(200, { 'content-type': 'application/json', 'transfer-encoding': 'chunked' });
  response.flushHeaders();
  const send = (type: string, object: unknown) => response.write(`${JSON.stringify({ type, object })}\n`);
  const bookmark = (annotations?: Record<string, string>) => {
    const metadata = { resourceVersion: String(store.resourceVersion), ...(annotations && { annotations }) };
    if (options.bookmarks) send('BOOKMARK', { apiVersion: apiVersionOf(kind), kind: kind.kind, metadata });
  };
  const isSelected = selects(options);
  const tell = (change: Change) => {
    if (change.resource !== resourceOf(kind)) return;
    const type = typeFor(change, isSelected);
    if (type !== undefined) send(type, { ...change.object, apiVersion: apiVersionOf(kind) });
  };

  let unfollow = () => {};
  const isFromNow = options.initialEvents || options.resourceVersion === '' || options.resourceVersion === '0';
  try {
    if (isFromNow) {
      for (const object of store.list(kind, options)) send('ADDED', object);
      bookmark({ 'k8s.io/initial-events-end': 'true' });
    }
    unfollow = store.log.follow(isFromNow ? store.resourceVersion : Number(options.resourceVersion), tell);
  } catch (thrown) {
    if (!(thrown instanceof KubeError)) throw thrown;
    send('ERROR', statusOf(thrown));
    response.end();
  }
  response.on('close', unfollow);
  return {
    end() {
      unfollow();
      if (response.writableEnded) return;
      bookmark();
      response.end();
    },
  };
}

/** An object that comes into a selection is new to who watches it, one that leaves it is gone. */
function typeFor(
  { type, object, before }: Change,
  isSelected: (object: KubeObject) => boolean,
): Change['type'] | undefined {
  const is = isSelected(object);
  const was = before !== undefined && isSelected(before);
  if (type === 'DELETED') return was ? 'DELETED' : undefined;
  if (is) return was ? 'MODIFIED' : 'ADDED';
  return was ? 'DELETED' : undefined;
}
