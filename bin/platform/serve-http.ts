import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Endpoint, HttpRequest, HttpResponse, Listener } from '../../core/ports.ts';
import { takeInherited } from './inherited-sockets.ts';
import { openPortFault } from './open-port-fault.ts';

/** Firmware draws its screen between HEAD and GET and takes a closed connection for a failure (edk2#9920); Node's own 5 s are too short. */
const keepAliveMillis = 75_000;

type Answer = (request: HttpRequest) => Promise<HttpResponse>;

/** An HTTP/1.1 server. A body leaves as fast as the client takes it. */
export async function serveHttp(at: Endpoint & { readonly interface?: string }, answer: Answer): Promise<Listener> {
  const server = createServer({ keepAliveTimeout: keepAliveMillis }, (request, response) => {
    void respond(request, response, answer);
  });
  const inherited = await takeInherited('TCP', at.interface, at.port);
  try {
    const listening = once(server, 'listening');
    if (inherited === undefined) server.listen({ host: at.address, port: at.port, exclusive: true });
    else server.listen({ fd: inherited, exclusive: true });
    await listening;
  } catch (cause) {
    throw await openPortFault(cause, { protocol: 'TCP', address: at.address, port: at.port });
  }
  const { port } = server.address() as AddressInfo;
  return {
    local: { address: at.address, port },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function respond(request: IncomingMessage, response: ServerResponse, answer: Answer): Promise<void> {
  let answered: HttpResponse;
  try {
    answered = await answer({
      method: request.method ?? 'GET',
      path: request.url ?? '/',
      remoteAddress: request.socket.remoteAddress ?? '',
      headers: request.headers,
    });
  } catch {
    response.writeHead(500, { 'Content-Length': 0 }).end();
    return;
  }
  const { status, headers, body } = answered;
  let sentBytes = 0;
  // A client that was promised more would wait for it: then the connection ends.
  response.strictContentLength = true;
  try {
    response.writeHead(status, headers);
    if (body !== undefined && request.method !== 'HEAD') {
      for await (const chunk of body instanceof Uint8Array ? [body] : body) {
        await write(response, chunk);
        sentBytes += chunk.length;
      }
    }
    response.end();
  } catch {
    response.destroy();
  }
  answered.onFinished?.(sentBytes);
}

/** Resolves when the chunk has been handed to the system; rejects when the client went away. */
function write(response: ServerResponse, chunk: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    if (response.destroyed) {
      reject(new Error('the client went away'));
      return;
    }
    const leave = () => reject(new Error('the client went away'));
    response.once('close', leave);
    response.write(chunk, (error) => {
      response.off('close', leave);
      if (error) reject(error);
      else resolve();
    });
  });
}
