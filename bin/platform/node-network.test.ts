import { request } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import type { HttpResponse, Listener, UdpOptions, UdpSocket } from '../../core/ports.ts';
import { nodeNetwork } from './node-network.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

describe('UDP of nodeNetwork', () => {
  it('brings a datagram to its receiver, with the sender’s address and port', async () => {
    const received = Promise.withResolvers<unknown>();
    const to = await udp({ onMessage: (bytes, from) => received.resolve([[...bytes], from]) });
    const from = await udp();
    from.send(Uint8Array.of(1, 2), to.local);
    expect(await received.promise).toEqual([[1, 2], from.local]);
  });

  it('lets two sockets share a port only when both say so', async () => {
    const first = await udp({ shared: true });
    await expect(udp({ shared: true, port: first.local.port })).resolves.toBeDefined();
    await expect(udp({ port: first.local.port })).rejects.toMatchObject({ code: 'platform/port-taken' });
  });

  it('has room on one port for all broadcasts and for what is sent to one address', async () => {
    const heard: string[] = [];
    const received = Promise.withResolvers<undefined>();
    const onUnicast = () => {
      heard.push('unicast');
      received.resolve(undefined);
    };
    const unicast = await udp({ shared: true, broadcast: true, onMessage: onUnicast });
    await udp({
      address: '255.255.255.255',
      port: unicast.local.port,
      shared: true,
      broadcast: true,
      onMessage: () => heard.push('broadcast'),
    });
    (await udp()).send(Uint8Array.of(1), unicast.local);
    await received.promise;
    expect(heard).toEqual(['unicast']);
  });

  it('names the process that has a port already', async () => {
    const { local } = await udp();
    await expect(udp({ port: local.port })).rejects.toMatchObject({
      code: 'platform/port-taken',
      exitCode: 1,
      message: expect.stringMatching(
        new RegExp(`^UDP port ${local.port} on 127.0.0.1 is taken by .+ \\(pid ${process.pid}\\)$`),
      ) as string,
    });
  });

  it('says when the address is not one of this machine', async () => {
    await expect(udp({ address: '192.0.2.200' })).rejects.toMatchObject({ code: 'platform/address-missing' });
  });

  it('frees the port when it is closed, and outlives what cannot be sent', async () => {
    const socket = await udp();
    socket.send(Uint8Array.of(1), { address: '127.0.0.1', port: 0 });
    socket.send(new Uint8Array(70_000), { address: '127.0.0.1', port: 9 });
    await socket.close();
    socket.send(Uint8Array.of(1), { address: '127.0.0.1', port: 9 });
    await expect(udp({ port: socket.local.port })).resolves.toBeDefined();
  });
});

describe('HTTP of nodeNetwork', () => {
  it('sends a body in chunks, tells what left, and keeps the connection', async () => {
    const chunks = [new Uint8Array(100_000).fill(1), new Uint8Array(50_000).fill(2)];
    const finished = Promise.withResolvers<number>();
    const listener = await http({
      status: 200,
      headers: { 'Content-Length': '150000', 'Content-Type': 'application/efi' },
      body: from(chunks),
      onFinished: finished.resolve,
    });
    const response = await fetch(urlOf(listener));
    expect(response.headers.get('keep-alive')).toBe('timeout=75');
    expect(response.headers.get('content-type')).toBe('application/efi');
    expect(Buffer.from(await response.arrayBuffer()).equals(Buffer.concat(chunks))).toBe(true);
    expect(await finished.promise).toBe(150_000);
  });

  it('answers HEAD with the length and no body', async () => {
    const listener = await http({ status: 200, headers: { 'Content-Length': '150000' } });
    const response = await fetch(urlOf(listener), { method: 'HEAD' });
    expect(response.headers.get('content-length')).toBe('150000');
  });

  it('waits for a slow client instead of reading ahead, and notices when it goes away', async () => {
    const finished = Promise.withResolvers<number>();
    let produced = 0;
    async function* endless() {
      for (;;) {
        produced += 1;
        yield new Uint8Array(1024 * 1024);
      }
    }
    const listener = await http({ status: 200, headers: {}, body: endless(), onFinished: finished.resolve });
    const leaving = new AbortController();
    const response = await fetch(urlOf(listener), { signal: leaving.signal });
    const reader = response.body?.getReader();
    await reader?.read();
    leaving.abort();
    await reader?.read().catch(() => undefined);
    const sentBytes = await finished.promise;
    expect(sentBytes).toBeLessThanOrEqual(produced * 1024 * 1024);
    expect(produced).toBeLessThan(200);
  });

  it('ends the connection when a body is shorter than was promised, instead of letting the client wait', async () => {
    const finished = Promise.withResolvers<number>();
    const listener = await http({
      status: 200,
      headers: { 'Content-Length': '1000' },
      body: from([new Uint8Array(400)]),
      onFinished: finished.resolve,
    });
    const response = await fetch(urlOf(listener));
    await expect(response.arrayBuffer()).rejects.toThrow('terminated');
    expect(await finished.promise).toBe(400);
  });

  it('answers 500 when the answer fails, and lives on', async () => {
    const listener = await nodeNetwork.serveHttp({ address: '127.0.0.1', port: 0 }, () =>
      Promise.reject(new Error('x')),
    );
    open.push(listener);
    expect((await fetch(urlOf(listener))).status).toBe(500);
    expect((await fetch(urlOf(listener))).status).toBe(500);
  });

  it('hands the path over as it was sent', async () => {
    const paths: string[] = [];
    const listener = await nodeNetwork.serveHttp({ address: '127.0.0.1', port: 0 }, async ({ path, remoteAddress }) => {
      paths.push(`${remoteAddress} ${path}`);
      return { status: 404, headers: {} };
    });
    open.push(listener);
    await new Promise((resolve, reject) => {
      const { port } = listener.local;
      request({ host: '127.0.0.1', port, path: '//a/../b?c' }, (response) => response.resume().on('end', resolve))
        .on('error', reject)
        .end();
    });
    expect(paths).toEqual(['127.0.0.1 //a/../b?c']);
  });

  it('names the process that has a port already', async () => {
    const { local } = await http({ status: 200, headers: {} });
    await expect(nodeNetwork.serveHttp(local, () => Promise.reject(new Error()))).rejects.toMatchObject({
      code: 'platform/port-taken',
      message: expect.stringContaining(`(pid ${process.pid})`) as string,
    });
  });
});

describe('interfaces of nodeNetwork', () => {
  it('are those of this machine, with their IPv4 addresses and what tells whether they lead elsewhere', () => {
    expect(nodeNetwork.interfaces()).toContainEqual({
      name: 'lo',
      ipv4: [{ address: '127.0.0.1', prefixLength: 8 }],
      mtuBytes: 65_536,
      isWireless: false,
      hasDefaultRoute: false,
    });
  });
});

async function udp(options: Partial<UdpOptions> = {}): Promise<UdpSocket> {
  const socket = await nodeNetwork.openUdp({ address: '127.0.0.1', port: 0, onMessage: () => undefined, ...options });
  open.push(socket);
  return socket;
}

async function http(response: HttpResponse): Promise<Listener> {
  const listener = await nodeNetwork.serveHttp({ address: '127.0.0.1', port: 0 }, async () => response);
  open.push(listener);
  return listener;
}

async function* from(chunks: readonly Uint8Array[]) {
  yield* chunks;
}

const urlOf = ({ local }: Listener) => `http://${local.address}:${local.port}/file`;
