import { describe, expect, it } from 'vitest';
import type { Event } from '../core/event.ts';
import type { HttpRequest } from '../core/ports.ts';
import { answerHttp } from './answer-http.ts';
import { FakeClock, FakeFiles } from './fake-world.fixture.ts';

const content = Uint8Array.from({ length: 1000 }, (_, at) => at);

describe('answerHttp', () => {
  it('tells size and type to HEAD, and gives the bytes to GET', async () => {
    const { ask, files } = server();
    const headers = {
      'Content-Type': 'application/efi',
      'Accept-Ranges': 'bytes',
      ETag: '"one"',
      'Content-Length': '1000',
    };
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
    const about = { address: '10.0.0.9', file: 'talos-amd64.efi', protocol: 'http' };
    expect(events).toEqual([
      { type: 'file.started', ...about, bytes: 1000 },
      {
        type: 'file.served',
        ...about,
        bytes,
        complete,
        durationMillis: 0,
      },
    ]);
    expect(files.openCount).toBe(0);
  });

  it.each([
    ['bytes=0-99', 0, 100],
    ['bytes=900-', 900, 1000],
    ['bytes=-1', 999, 1000],
    ['bytes=990-5000', 990, 1000],
  ])('gives the range %s, and says which it is', async (range, start, end) => {
    const { ask, events } = server();
    const response = await ask('GET', '/talos-amd64.efi', { range });
    expect(response).toMatchObject({
      status: 206,
      headers: { 'Content-Length': String(end - start), 'Content-Range': `bytes ${start}-${end - 1}/1000` },
    });
    expect(await Array.fromAsync(response.body as AsyncIterable<Uint8Array>)).toEqual([content.subarray(start, end)]);
    response.onFinished?.(end - start);
    expect(events).toMatchObject([{ type: 'file.started' }, { complete: true }]);
  });

  it('says how long the file is to one who asks for bytes behind its end', async () => {
    const { ask, files } = server();
    expect(await ask('GET', '/talos-amd64.efi', { range: 'bytes=1000-' })).toEqual({
      status: 416,
      headers: { 'Content-Range': 'bytes */1000', 'Content-Length': '0' },
    });
    expect(files.openCount).toBe(0);
  });

  it.each([
    [{ 'if-match': '"one"', range: 'bytes=10-' }, 206],
    [{ 'if-match': '"another", "one"', range: 'bytes=10-' }, 206],
    [{ 'if-match': '*' }, 200],
    [{ 'if-match': '"another"', range: 'bytes=10-' }, 412],
    [{ 'if-range': '"one"', range: 'bytes=10-' }, 206],
    [{ 'if-range': '"another"', range: 'bytes=10-' }, 200],
    [{ range: 'bytes=1-2,4-5' }, 200],
    [{ range: 'lines=1-2' }, 200],
  ])('answers %j with %i: a download goes on only in the file that it began with', async (headers, status) => {
    expect((await server().ask('GET', '/talos-amd64.efi', headers)).status).toBe(status);
  });

  it('tells scripts from programs', async () => {
    const { ask } = server();
    expect((await ask('HEAD', '/talos-amd64.ipxe')).headers['Content-Type']).toBe('text/plain; charset=utf-8');
    expect((await ask('HEAD', '/talos-amd64.linux')).headers['Content-Type']).toBe('application/octet-stream');
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
  files.revisions.set('/srv/uki', 'one');
  const events: Event[] = [];
  const pathOf = (name: string) => (/^talos-amd64\.[a-z]+$/.test(name) ? '/srv/uki' : undefined);
  const ask = (method: string, path: string, headers: HttpRequest['headers'] = {}) =>
    answerHttp(
      { method, path, remoteAddress: '10.0.0.9', headers },
      { files, clock: new FakeClock(), emit: (event) => events.push(event), pathOf },
    );
  return { ask, files, events };
}
