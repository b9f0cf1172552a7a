import { describe, expect, it } from 'vitest';
import type { Event } from '../core/event.ts';
import { answerHttp } from './answer-http.ts';
import { FakeFiles } from './fake-world.fixture.ts';

const content = new Uint8Array(1000).fill(3);

describe('answerHttp', () => {
  it('tells size and type to HEAD, and gives the bytes to GET', async () => {
    const { ask, files } = server();
    const headers = { 'Content-Type': 'application/efi', 'Content-Length': '1000' };
    const head = await ask('HEAD', '/talos-amd64.efi');
    expect(head).toEqual({ status: 200, headers });
    expect(files.openCount).toBe(0);
    const get = await ask('GET', '/talos-amd64.efi');
    expect(get).toMatchObject({ status: 200, headers });
    expect(await Array.fromAsync(get.body as AsyncIterable<Uint8Array>)).toEqual([content]);
  });

  it.each([
    [1000, true],
    [10, false],
  ])('says that the file was served when %i bytes left: complete %s', async (bytes, complete) => {
    const { ask, files, events } = server();
    (await ask('GET', '/talos-amd64.efi')).onFinished?.(bytes);
    expect(events).toEqual([
      { type: 'file.served', address: '10.0.0.9', file: 'talos-amd64.efi', protocol: 'http', bytes, complete },
    ]);
    expect(files.openCount).toBe(0);
  });

  it.each(['/', '', 'talos-amd64.efi', '//talos-amd64.efi', '/talos-amd64.efi?x', '/srv/uki', '/../talos-amd64.efi'])(
    'knows nothing of %j',
    async (path) => {
      expect(await server().ask('GET', path)).toEqual({ status: 404, headers: { 'Content-Length': '0' } });
    },
  );

  it('takes nothing', async () => {
    expect(await server().ask('PUT', '/talos-amd64.efi')).toMatchObject({
      status: 405,
      headers: { Allow: 'GET, HEAD' },
    });
  });

  it('answers 404 when the operator’s file is gone', async () => {
    const { ask, files } = server();
    files.contents.clear();
    expect((await ask('GET', '/talos-amd64.efi')).status).toBe(404);
  });

  it('answers 500 and tells why when the file cannot be read', async () => {
    const { ask, files, events } = server();
    files.open = () => Promise.reject(new Error('Input/output error'));
    expect((await ask('GET', '/talos-amd64.efi')).status).toBe(500);
    expect(events).toMatchObject([
      { type: 'packet.dropped', reason: expect.stringContaining('Input/output') as string },
    ]);
  });
});

function server() {
  const files = new FakeFiles();
  files.contents.set('/srv/uki', content);
  const events: Event[] = [];
  const pathOf = (name: string) => (name === 'talos-amd64.efi' ? '/srv/uki' : undefined);
  const ask = (method: string, path: string) =>
    answerHttp(
      { method, path, remoteAddress: '10.0.0.9', headers: {} },
      { files, emit: (event) => events.push(event), pathOf },
    );
  return { ask, files, events };
}
