import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeClock } from '../../bin/platform/node-clock.ts';
import { nodeFiles } from '../../bin/platform/node-files.ts';
import { nodeNetwork } from '../../bin/platform/node-network.ts';
import { nodeRandom } from '../../bin/platform/node-random.ts';
import type { Event } from '../../core/event.ts';
import type { MacAddress } from '../../core/mac-address.ts';
import { seconds } from '../../core/millis.ts';
import type { UdpSocket } from '../../core/ports.ts';
import { encodeDhcp } from '../../pxe/dhcp/encode-dhcp.ts';
import { type BootIntent, type BootService, ConfigUrls, serveBoots } from '../../pxe/index.ts';
import { ovmfHttpDiscover } from '../../pxe/ovmf-requests.fixture.ts';
import { packetOf, withOptions } from '../../pxe/request.fixture.ts';
import { runClient } from './run-client.ts';

const sizeBytes = 3_000_001;
const content = randomBytes(sizeBytes);
const events: Event[] = [];
const configUrls = new ConfigUrls({ clock: nodeClock, random: nodeRandom });
let directory: string;
let service: BootService;
let relay: UdpSocket;
let intent: BootIntent = { kind: 'boot', machine: 'node-1' };
let offered: (url: string) => void;
const addressed = Promise.withResolvers<MacAddress>();
const url = new Promise<string>((resolve) => {
  offered = resolve;
});

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rackwright-http-'));
  await writeFile(join(directory, 'uki'), content);
  service = await serveBoots({
    network: nodeNetwork,
    files: nodeFiles,
    clock: nodeClock,
    emit: (event) => {
      events.push(event);
      if (event.type === 'boot.addressed') addressed.resolve(event.mac);
    },
    observe: () => undefined,
    interfaces: [{ name: 'lo', address: '127.0.0.1' }],
    ports: { dhcp: 0, proxyDhcp: 0, tftp: 0, http: 0 },
    ukis: { amd64: join(directory, 'uki') },
    intentOf: () => intent,
    configUrls,
  });
  relay = await nodeNetwork.openUdp({
    address: '127.0.0.1',
    port: 0,
    onMessage: (bytes) => offered(packetOf(bytes).file),
  });
  const relayed = withOptions(packetOf(ovmfHttpDiscover), { 82: Uint8Array.of(19, 0) });
  const discover = encodeDhcp({ ...relayed, giaddr: '127.0.0.1' });
  relay.send(discover, { address: '127.0.0.1', port: service.ports.dhcp });
});
afterAll(async () => {
  await relay.close();
  await service.close();
  await rm(directory, { recursive: true, force: true });
});

describe('curl, at the URL that a relayed DISCOVER was answered with', () => {
  it('gets length and type by HEAD', async () => {
    const { printed } = await runClient('curl', ['--silent', '--show-error', '--head', await url]);
    expect(printed).toMatch(/^HTTP\/1\.1 200 OK\r$/m);
    expect(printed).toMatch(new RegExp(`^Content-Length: ${sizeBytes}\r$`, 'm'));
    expect(printed).toMatch(/^Content-Type: application\/efi\r$/m);
  });

  it('gets every byte by GET', async () => {
    const to = join(directory, 'got');
    expect(await runClient('curl', ['--silent', '--show-error', '-o', to, await url])).toEqual({
      code: 0,
      printed: '',
    });
    expect((await readFile(to)).equals(content)).toBe(true);
    expect(events.filter(({ type }) => type === 'file.served')).toEqual([
      {
        type: 'file.served',
        address: '127.0.0.1',
        file: 'talos-amd64.efi',
        protocol: 'http',
        bytes: sizeBytes,
        complete: true,
        durationMillis: expect.any(Number) as number,
      },
    ]);
  });

  it('gets one range, the end of it, and goes on where it broke off', async () => {
    const get = async (...args: readonly string[]) => {
      const to = join(directory, 'part');
      const { printed } = await runClient('curl', ['--silent', ...args, '-w', '%{http_code}', '-o', to, await url]);
      return { status: printed, bytes: await readFile(to) };
    };
    const part = await get('--range', '1000-1999');
    expect([part.status, part.bytes.equals(content.subarray(1000, 2000))]).toEqual(['206', true]);
    const end = await get('--range', '-77');
    expect([end.status, end.bytes.equals(content.subarray(-77))]).toEqual(['206', true]);
    await writeFile(join(directory, 'part'), content.subarray(0, 1_234_567));
    const rest = await get('--continue-at', '-');
    expect([rest.status, rest.bytes.equals(content)]).toEqual(['206', true]);
    const behind = await get('--range', `${sizeBytes}-`);
    expect(behind.status).toBe('416');
  });

  it('gets HEAD and GET over one connection', async () => {
    const args = [
      '--silent',
      '--verbose',
      '--head',
      await url,
      '--next',
      '--silent',
      '-o',
      join(directory, 'again'),
      await url,
    ];
    const { code, printed } = await runClient('curl', args);
    expect(code).toBe(0);
    expect(printed).toMatch(/Re-using existing connection/);
    expect((await readFile(join(directory, 'again'))).equals(content)).toBe(true);
  });

  it('gets a config once, and not from another address', async () => {
    const { origin } = new URL(await url);
    const taken = withOptions(packetOf(ovmfHttpDiscover), {
      50: Uint8Array.of(127, 0, 0, 1),
      53: Uint8Array.of(3),
      54: Uint8Array.of(127, 0, 0, 2),
      82: Uint8Array.of(19, 0),
    });
    const toServer = { address: '127.0.0.1', port: service.ports.dhcp };
    relay.send(encodeDhcp({ ...taken, giaddr: '127.0.0.1' }), toServer);
    const mac = await addressed.promise;
    const at = `${origin}${configUrls.offer({ mac, config: 'kind: KmsgLogConfig\n', validFor: seconds(60) })}`;
    const get = (...args: readonly string[]) => runClient('curl', ['--silent', ...args, '-w', '%{http_code}', at]);
    expect((await get('--interface', '127.102.0.9')).printed).toBe('404');
    expect((await get()).printed).toBe('kind: KmsgLogConfig\n200');
    expect((await get()).printed).toBe('404');
  });

  it('gets nothing else, and nothing more once the machine is installed', async () => {
    const status = async (at: string) =>
      (await runClient('curl', ['--silent', '--path-as-is', '-o', '/dev/null', '-w', '%{http_code}', at])).printed;
    const { origin } = new URL(await url);
    expect([await status(`${origin}/`), await status(`${origin}/../etc/passwd`)]).toEqual(['404', '404']);
    intent = { kind: 'local-disk', machine: 'node-1' };
    expect(await status(await url)).toBe('404');
  });
});
