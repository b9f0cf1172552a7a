import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What goes wrong with an answer of the factory; each is used up by one request for that path. */
export type FactoryTrouble =
  /** The connection is cut after so many bytes of the body. */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  /** It promises more or fewer bytes than there are. */
  | { readonly kind: 'wrong-length'; readonly contentLength: number }
  | { readonly kind: 'status'; readonly status: number };

/**
 * An Image Factory over real HTTP: schematics are known once they were posted, images are served with their length, an
 * ETag and ranges, and what is wrong is said in plain text.
 */
export class SimFactory {
  /** Contents by `SCHEMATIC/VERSION/NAME`. */
  readonly images = new Map<string, Uint8Array>();
  readonly schematics = new Map<string, string>();
  /** `GET /image/… bytes=10-` and so on, in order. */
  readonly requests: string[] = [];
  readonly #troubles = new Map<string, FactoryTrouble[]>();
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  static async start(address: string): Promise<SimFactory> {
    const factory = new SimFactory();
    factory.#server.listen(0, address);
    await once(factory.#server, 'listening');
    return factory;
  }

  get url(): string {
    const { address, port } = this.#server.address() as AddressInfo;
    return `http://${address}:${port}`;
  }

  trouble(key: string, ...troubles: readonly FactoryTrouble[]): void {
    this.#troubles.set(key, [...troubles]);
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = request;
    this.requests.push([method, url, headers.range].filter(Boolean).join(' '));
    if (method === 'POST' && url === '/schematics') {
      const text = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>)).toString();
      const id = createHash('sha256').update(text).digest('hex');
      this.schematics.set(id, text);
      response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify({ id, schematic: text }));
      return;
    }
    const key = url.replace(/^\/image\//, '');
    const content = this.images.get(key);
    const trouble = this.#troubles.get(key)?.shift();
    if (trouble?.kind === 'status') {
      response.writeHead(trouble.status).end('out of order');
      return;
    }
    if (content === undefined) {
      response.writeHead(404).end(`no image ${key}`);
      return;
    }
    const etag = `"${createHash('sha256').update(content).digest('hex').slice(0, 16)}"`;
    const asked = /^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1];
    const start = asked === undefined || headers['if-range'] !== etag ? 0 : Number(asked);
    if (start > content.length) {
      response.writeHead(416).end();
      return;
    }
    const body = content.subarray(start);
    const length = trouble?.kind === 'wrong-length' ? trouble.contentLength : body.length;
    response.writeHead(start === 0 ? 200 : 206, {
      etag,
      'content-length': length,
      ...(start === 0 ? {} : { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` }),
    });
    if (trouble === undefined) {
      response.end(body);
      return;
    }
    // What was sent has to arrive before the connection goes away.
    const sent = trouble.kind === 'cut' ? body.subarray(0, trouble.afterBytes) : body.subarray(0, length);
    response.write(sent, () => request.socket.destroySoon());
  }
}
