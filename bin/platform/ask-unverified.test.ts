import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { maintenanceIdentity } from '../../test/lab/sim-pki.ts';
import { askHttp } from './ask-http.ts';
import { nodeClock } from './node-clock.ts';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((closed) => void server.close(closed));
  }
});

/** With a certificate that nobody vouches for. */
async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(await maintenanceIdentity(['127.0.0.1'], nodeClock), answer).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}/redfish/v1/`;
}

const { signal } = new AbortController();

describe('askHttp of a server with any certificate', () => {
  it('gives the answer, and follows no redirect', async () => {
    const url = await serve((_request, response) => {
      response
        .writeHead(301, { location: 'https://elsewhere.invalid/', 'X-Is': 'a' })
        .end('{"RedfishVersion":"1.15.0"}');
    });
    const answer = await askHttp({ method: 'GET', url, anyCertificate: true }, signal);
    expect(answer).toMatchObject({ status: 301, headers: { 'x-is': 'a' }, text: '{"RedfishVersion":"1.15.0"}' });
  });

  it('is asked for: without it such a certificate is refused', async () => {
    const url = await serve((_request, response) => void response.end('{}'));
    await expect(askHttp({ method: 'GET', url }, signal)).rejects.toMatchObject({ code: 'platform/http-unanswered' });
  });

  it('takes no more than a megabyte, and says why there is no answer', async () => {
    const url = await serve((_request, response) => void response.end('x'.repeat(3_000_000)));
    const asked = (from: string) => askHttp({ method: 'GET', url: from, anyCertificate: true }, signal);
    await expect(asked(url)).rejects.toMatchObject({ message: expect.stringContaining('megabyte') as string });
    const [gone] = servers.splice(0);
    gone?.closeAllConnections();
    await new Promise((closed) => void gone?.close(closed));
    await expect(asked(url)).rejects.toMatchObject({ message: expect.stringContaining('ECONNREFUSED') as string });
  });
});
