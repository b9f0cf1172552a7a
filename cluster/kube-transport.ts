import type { KubeConfig, RequestContext } from '@kubernetes/client-node';
import { defineFault } from '../core/fault.ts';
import { type Millis, seconds } from '../core/millis.ts';
import { type Asked, faultOfAnswer, faultOfSilence } from './kube-faults.ts';

export interface KubeRequest {
  readonly method: 'GET' | 'PATCH' | 'POST' | 'DELETE';
  /** With its query string. */
  readonly path: string;
  readonly body?: string;
  readonly contentType?: string;
  readonly what: string;
  readonly isSecret?: boolean;
}

/** One authenticated connection to an API server; every request has a deadline. */
export interface KubeTransport {
  /** The body of a 2xx answer; any other answer and silence are faults of kube-faults.ts. */
  send(request: KubeRequest, signal?: AbortSignal): Promise<string>;
  /** The value in the body of a 2xx answer; one that is no JSON is somebody else's, and as good as silence. */
  sendForJson(request: KubeRequest, signal?: AbortSignal): Promise<unknown>;
  close(): Promise<void>;
}

const badKubeconfig = defineFault<{ why: string }>('kube/kubeconfig', {
  kind: 'operator',
  exitCode: 4,
  title: ({ why }) => `The kubeconfig cannot be used: ${why}`,
  state: () => 'Nothing was asked of the cluster.',
  remedy: () => 'Write the kubeconfig again from the secrets of the cluster.',
});

const deadline: Millis = seconds(10);

/**
 * Opens nothing yet: the first request reads the kubeconfig, and connects. The client library gives kubeconfig, TLS and credentials; its typed
 * API is passed by, because its serializer drops every field that it would rename (`default`, `enum`, `from`,
 * `x-kubernetes-*`), and its dispatcher is kept, because it makes a new connection pool for every request.
 * It is loaded by the first request, too: that takes as long as everything else of the program together.
 */
export function openTransport(kubeconfigText: string): KubeTransport {
  let opened: Promise<Opened> | undefined;
  let pool: ReturnType<RequestContext['getDispatcher']>;

  const ask = async ({ library, config, server }: Opened, request: KubeRequest, signal: AbortSignal) => {
    const context = new library.RequestContext(`${server}${request.path}`, request.method);
    await config.applySecurityAuthentication(context);
    pool ??= context.getDispatcher();
    if (pool !== undefined) context.setDispatcher(pool);
    context.setHeaderParam('Accept', 'application/json');
    context.setHeaderParam('User-Agent', 'rackwright');
    if (request.contentType !== undefined) context.setHeaderParam('Content-Type', request.contentType);
    if (request.body !== undefined) context.setBody(request.body);
    context.setSignal(signal);
    const response = await new library.IsomorphicFetchHttpLibrary().send(context).toPromise();
    return { code: response.httpStatusCode, body: await response.body.text() };
  };

  const opening = () => (opened ??= open(kubeconfigText));
  const askedOf = async ({ what, isSecret = false }: KubeRequest): Promise<Asked> => ({
    server: (await opening()).server,
    what,
    isSecret,
  });

  const transport: KubeTransport = {
    async send(request, signal) {
      const asked = await askedOf(request);
      const late = AbortSignal.timeout(deadline);
      let answer: { code: number; body: string };
      try {
        answer = await ask(await opening(), request, signal === undefined ? late : AbortSignal.any([signal, late]));
      } catch (thrown) {
        if (signal?.aborted === true) throw faultOfSilence(asked, 'the request was given up');
        throw faultOfSilence(asked, late.aborted ? `no answer within ${deadline / 1000} s` : sentenceOf(thrown));
      }
      if (answer.code >= 200 && answer.code <= 299) return answer.body;
      throw faultOfAnswer(asked, answer.code, parseStatus(answer.body));
    },
    async sendForJson(request, signal) {
      const body = await transport.send(request, signal);
      try {
        return JSON.parse(body) as unknown;
      } catch {
        throw faultOfSilence(
          await askedOf(request),
          'what came back is no JSON; something in between may have answered',
        );
      }
    },
    async close() {
      await pool?.destroy();
    },
  };
  return transport;
}

interface Opened {
  readonly library: typeof import('@kubernetes/client-node');
  readonly config: KubeConfig;
  readonly server: string;
}

/** The thrown text may quote the file, which holds a private key: it is not shown and not kept as a cause. */
async function open(text: string): Promise<Opened> {
  const library = await import('@kubernetes/client-node');
  const config = new library.KubeConfig();
  try {
    config.loadFromString(text);
  } catch {
    throw badKubeconfig({ why: 'it is not a kubeconfig in YAML' });
  }
  const server = config.getCurrentCluster()?.server;
  if (server === undefined) throw badKubeconfig({ why: 'its current context names no cluster' });
  if (!server.startsWith('https://')) throw badKubeconfig({ why: `${server} is not an https address` });
  if (config.getCurrentUser() === null) throw badKubeconfig({ why: 'its current context names no user' });
  return { library, config, server: server.replace(/\/+$/, '') };
}

function parseStatus(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return { message: body.slice(0, 200) };
  }
}

/** What went wrong on the wire: the innermost cause says it, such as `connect ECONNREFUSED 10.0.0.5:6443`. */
function sentenceOf(thrown: unknown): string {
  let at = thrown;
  while (at instanceof Error && at.cause instanceof Error) at = at.cause;
  if (!(at instanceof Error)) return String(at);
  return at.message === '' && 'code' in at ? String(at.code) : at.message;
}
