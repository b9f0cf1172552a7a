import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { peImage } from './assets/pe.fixture.ts';
import { bootFiles } from './boot-file.ts';
import type { BootIntent } from './decide-boot.ts';
import { encodeDhcp } from './dhcp/encode-dhcp.ts';
import { FakeClock, FakeFiles, FakeNetwork, settle } from './fake-world.fixture.ts';
import { ovmfHttpDiscover, ovmfPxeDiscover } from './ovmf-requests.fixture.ts';
import { ascii, packetOf, withOptions } from './request.fixture.ts';
import { serveBoots } from './serve-boots.ts';
import { decodeTftp } from './tftp/decode-tftp.ts';
import { encodeTftp } from './tftp/encode-tftp.ts';

const serverAddress = '10.98.0.1';
const bootFileName = 67;

/** What a client says of itself: option 93, PXE or HTTP, iPXE or not. */
interface Asking {
  readonly type: number;
  readonly transport: 'tftp' | 'http';
  readonly isIpxe: boolean;
}

const askers: readonly (Asking & { readonly name: string; readonly through: boolean })[] = bootFiles.flatMap(
  ({ kind, firmware, architectures, transport, name }) =>
    kind === 'linux' || kind === 'initrd' || kind === 'exit' || kind === 'sanboot'
      ? []
      : architectures.map((type) => ({
          name,
          type,
          transport: firmware === 'ipxe' ? ('tftp' as const) : transport,
          isIpxe: firmware === 'ipxe',
          through: kind === 'network-loader',
        })),
);

describe('the boot-file table', () => {
  it.each(askers)('serves what it advertises: $name to architecture $type', async ({ name, through, ...asking }) => {
    const { ask, get } = await rackWith({ kind: 'boot', machine: 'node-1', ...(through ? { through: 'ipxe' } : {}) });
    const advertised = ask(asking);
    expect(advertised?.split('/').at(-1)).toBe(name);
    const content = await get(advertised);
    expect(content?.length).toBeGreaterThan(0);
    if (asking.isIpxe) {
      const script = new TextDecoder().decode(content);
      const urls = script.match(/http:\/\/\S+/g) ?? [];
      expect(urls).toHaveLength(2);
      for (const url of urls) expect(await get(url)).toEqual(ascii(url.endsWith('linux') ? 'KERNEL' : 'INITRD'));
      expect(script).toContain('.initrd talos.platform=metal\n');
    }
  });

  it.each(['exit', 'sanboot'] as const)(
    'serves the script that sends an installed machine to its disk: %s',
    async (through) => {
      const { ask, get, offers } = await rackWith({ kind: 'local-disk', machine: 'node-1', through });
      const advertised = ask({ type: 0, transport: 'tftp', isIpxe: true });
      expect(new TextDecoder().decode(await get(advertised))).toMatch(`#!ipxe\n${through}`);
      expect(offers()[0]?.options.get(175)?.[2]).toBe(1);
      expect(await get(ask({ type: 0, transport: 'tftp', isIpxe: false }))).toEqual(ascii('iPXE'));
    },
  );

  it('tells of one file that is not there, to whom "no such file" means the disk', async () => {
    const { ask, get } = await rackWith({ kind: 'local-disk', machine: 'node-1', through: 'not-found' });
    for (const [type, transport] of [
      [7, 'tftp'],
      [16, 'http'],
    ] as const) {
      const advertised = ask({ type, transport, isIpxe: false });
      expect(advertised).toContain('boot-from-disk.efi');
      expect(await get(advertised)).toBeUndefined();
    }
    expect(bootFiles.map(({ name }) => name)).not.toContain('boot-from-disk.efi');
  });

  it('gives iPXE a priority above the file name that came with its address, and nobody else', async () => {
    const { ask, offers } = await rackWith({ kind: 'boot', machine: 'node-1' });
    ask({ type: 7, transport: 'tftp', isIpxe: true });
    ask({ type: 7, transport: 'tftp', isIpxe: false });
    const [toIpxe, toFirmware] = offers().map(({ options }) => options.get(175));
    expect([...(toIpxe?.subarray(0, 3) ?? [])]).toEqual([1, 1, 1]);
    expect(toFirmware).toBeUndefined();
  });

  it('has one content for each name, whoever may have it', () => {
    const contents = Map.groupBy(bootFiles, ({ name }) => name);
    for (const rows of contents.values()) {
      expect(new Set(rows.map(({ kind, source = 'no' }) => `${kind} of ${source} UKI`)).size).toBe(1);
    }
  });

  it('gives DHCP, TFTP and HTTP the same answer for any client and any intent', async () => {
    const asking = fc.record<Asking>({
      type: fc.integer({ min: 0, max: 26 }),
      transport: fc.constantFrom('tftp', 'http'),
      isIpxe: fc.boolean(),
    });
    const intent = fc.constantFrom<BootIntent>(
      { kind: 'boot', machine: 'node-1' },
      { kind: 'boot', machine: 'node-1', through: 'ipxe' },
      { kind: 'boot' },
      { kind: 'boot', machine: 'node-1', through: 'uefi-http' },
      { kind: 'local-disk', machine: 'node-1' },
      { kind: 'local-disk', machine: 'node-1', through: 'exit' },
      { kind: 'hold', reason: 'not in the rack file' },
    );
    await fc.assert(
      fc.asyncProperty(asking, intent, async (one, wish) => {
        const { ask, get, isOpen } = await rackWith(wish);
        const advertised = ask(one);
        if (advertised !== undefined) expect((await get(advertised))?.length).toBeGreaterThan(0);
        for (const { name, transport, kind } of bootFiles) {
          const isPart = kind === 'linux' || kind === 'initrd';
          const url = transport === 'http' ? `http://${serverAddress}:8080/${name}` : name;
          const isNamed = isPart ? advertised === url.replace(/(linux|initrd)$/, 'ipxe') : advertised === url;
          expect([name, transport, await isOpen(transport, name)]).toEqual([name, transport, isNamed]);
        }
      }),
      { numRuns: 60 },
    );
  });
});

async function rackWith(intent: BootIntent) {
  const network = new FakeNetwork();
  const files = new FakeFiles();
  const uki = peImage({ '.cmdline': 'talos.platform=metal', '.linux': 'KERNEL', '.initrd': 'INITRD' });
  files.contents.set('/srv/amd64', uki);
  files.contents.set('/srv/arm64', uki);
  files.contents.set('/srv/loader', ascii('iPXE'));
  await serveBoots({
    network,
    files,
    clock: new FakeClock(),
    emit: () => undefined,
    observe: () => undefined,
    interfaces: [{ name: 'eth1', address: serverAddress }],
    ports: { dhcp: 67, proxyDhcp: 4011, tftp: 69, http: 8080 },
    ukis: { amd64: '/srv/amd64', arm64: '/srv/arm64' },
    loaders: { 'undionly.kpxe': '/srv/loader', 'snponly.efi': '/srv/loader', 'snponly-arm64.efi': '/srv/loader' },
    intentOf: () => intent,
  });

  /** The boot file that a DISCOVER is offered. */
  const ask = ({ type, transport, isIpxe }: Asking): string | undefined => {
    const discover = withOptions(packetOf(transport === 'http' ? ovmfHttpDiscover : ovmfPxeDiscover), {
      93: Uint8Array.of(0, type),
      ...(isIpxe ? { 77: ascii('iPXE') } : {}),
    });
    const before = network.sent.length;
    network.deliver(encodeDhcp(discover), { address: '0.0.0.0', port: 68 }, { address: '255.255.255.255', port: 67 });
    const sent = network.sent[before];
    if (sent === undefined) return undefined;
    const offer = packetOf(sent.bytes);
    const advertised = new TextDecoder().decode(offer.options.get(bootFileName)).replace(/\0$/, '');
    expect(offer.file).toBe(advertised);
    return advertised;
  };

  // A second request from one port would be the same transfer.
  let port = 1833;
  const overTftp = async (file: string) => {
    const before = network.sent.length;
    const request = encodeTftp({ kind: 'read', file, mode: 'octet', options: new Map() });
    network.deliver(request, { address: '10.98.0.96', port: port++ }, { address: serverAddress, port: 69 });
    await settle();
    const answer = decodeTftp(network.sent[before]?.bytes ?? ascii(''));
    return answer.kind === 'data' ? answer.data : undefined;
  };
  const overHttp = async (path: string) => {
    const { status, body } = await network.request('GET', path);
    return status === 200 ? Buffer.concat(await Array.fromAsync(body as AsyncIterable<Uint8Array>)) : undefined;
  };
  const get = async (advertised = ''): Promise<Uint8Array | undefined> => {
    if (!advertised.startsWith('http://')) return overTftp(advertised);
    const url = new URL(advertised);
    expect(url.host).toBe(`${serverAddress}:8080`);
    const content = await overHttp(url.pathname);
    return content === undefined ? undefined : new Uint8Array(content);
  };
  const isOpen = async (transport: 'tftp' | 'http', name: string) =>
    (transport === 'http' ? await overHttp(`/${name}`) : await overTftp(name)) !== undefined;
  const offers = () => network.sent.map(({ bytes }) => packetOf(bytes));
  return { ask, get, isOpen, offers };
}
