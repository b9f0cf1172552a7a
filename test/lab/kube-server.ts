import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { TLSSocket } from 'node:tls';
import { answerKube, type KubeAnswer } from './kube-answer.ts';
import { KubeError, statusOf } from './kube-status.ts';
import type { KubeStore } from './kube-store.ts';
import { streamWatch } from './kube-watch-stream.ts';

export interface KubeServerOptions {
  readonly address: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly certPem: string;
  readonly keyPem: string;
  readonly clientCaPem: string;
}

/**
 * A Kubernetes API over HTTPS. A client without a certificate of the client CA gets 401, as from Talos, which lets
 * nobody in anonymously; one that is not of the group `system:masters` gets 403, because there is no RBAC here.
 */
export async function serveKube(
  store: KubeStore,
  { address, port, certPem, keyPem, clientCaPem }: KubeServerOptions,
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const watches = new Set<{ end(): void }>();
  const tls = { cert: certPem, key: keyPem, ca: clientCaPem, requestCert: true, rejectUnauthorized: false };
  const server = createServer(tls, (request, response) => {
    void answer(request)
      .catch((thrown: unknown): KubeAnswer => {
        const error = thrown instanceof KubeError ? thrown : new KubeError(500, 'InternalError', String(thrown));
        return { kind: 'object', code: error.code, object: statusOf(error) };
      })
      .then((result) => write(result, response));
  });

  async function answer(request: IncomingMessage): Promise<KubeAnswer> {
    refuseStrangers(request);
    const body = await textOf(request);
    return answerKube(store, {
      method: request.method ?? 'GET',
      url: new URL(request.url ?? '/', 'https://kube'),
      body,
      contentType: request.headers['content-type'] ?? '',
      userAgent: request.headers['user-agent'] ?? '',
    });
  }

  function write(result: KubeAnswer, response: ServerResponse): void {
    if (result.kind === 'watch') {
      const watch = streamWatch(store, result.of, result.options, response);
      watches.add(watch);
      response.on('close', () => watches.delete(watch));
      return;
    }
    const [type, body] =
      result.kind === 'text' ? ['text/plain', result.text] : ['application/json', JSON.stringify(result.object)];
    response.writeHead(result.kind === 'text' ? 200 : result.code, { 'content-type': type }).end(body);
  }

  server.listen(port, address);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const watch of watches) watch.end();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function refuseStrangers({ socket }: IncomingMessage): void {
  if (!(socket instanceof TLSSocket) || !socket.authorized) throw new KubeError(401, 'Unauthorized', 'Unauthorized');
  const { O: organisation, CN: user } = socket.getPeerCertificate().subject;
  if ([organisation].flat().includes('system:masters')) return;
  throw new KubeError(403, 'Forbidden', `User "${String(user)}" cannot do this: there is no RBAC here`);
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
