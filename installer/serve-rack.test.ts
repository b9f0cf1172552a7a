import { beforeEach, describe, expect, it } from 'vitest';
import type { Event } from '../core/event.ts';
import { Journal } from '../core/journal.ts';
import { emptyRack, observe, type Rack } from '../core/rack.ts';
import { peImage } from '../pxe/assets/pe.fixture.ts';
import { encodeDhcp } from '../pxe/dhcp/encode-dhcp.ts';
import { FakeNetwork, settle } from '../pxe/fake-world.fixture.ts';
import { AssetCache } from '../pxe/index.ts';
import { ovmfPxeDiscover, ovmfPxeRequest } from '../pxe/ovmf-requests.fixture.ts';
import { ascii, packetOf, withOptions } from '../pxe/request.fixture.ts';
import { exampleSpec } from '../talos/testing/example-request.ts';
import { trueRandom } from '../talos/testing/true-random.ts';
import { MemoryFiles } from '../test/fakes/memory-files.ts';
import { VirtualClock } from '../test/fakes/virtual-clock.ts';
import { serveRack } from './serve-rack.ts';

const everybody = { address: '255.255.255.255', port: 67 };
const nobody = { address: '0.0.0.0', port: 68 };
const config = 'apiVersion: v1alpha1\nkind: KmsgLogConfig\nname: lab\nurl: udp://10.0.0.2:5514\n';
/** Node-1 of the example, and a machine that no rack file has. */
const known = Uint8Array.of(0x52, 0x54, 0, 0, 0, 1);
const stranger = Uint8Array.of(2, 0, 0, 0, 0, 9);

let network: FakeNetwork;
let files: MemoryFiles;
let rack: Rack;

beforeEach(async () => {
  network = new FakeNetwork();
  network.links = [{ name: 'eth0', ipv4: [{ address: '10.0.0.2', prefixLength: 24 }] }];
  files = new MemoryFiles();
  rack = emptyRack;
  const uki = peImage({ '.cmdline': 'talos.platform=metal', '.linux': 'KERNEL', '.initrd': 'INITRD' });
  await files.writeAtomically('/rack/talos.efi', uki, 0o644);
  await files.writeAtomically('/usr/lib/ipxe/snponly.efi', ascii('iPXE'), 0o644);
});

async function serve(boot: Readonly<Record<string, unknown>>, machine = {}) {
  const spec = exampleSpec({ rack: { boot: { uki: { amd64: 'talos.efi' }, ...boot } }, machine });
  const clock = new VirtualClock();
  const events: Event[] = [];
  const emit = (event: Event) => events.push(event);
  await serveRack({
    spec,
    directory: '/rack',
    stateDirectory: '/state',
    cache: new AssetCache('/cache', { files, largeFiles: {} as never }),
    watch: {
      rack: () => rack,
      observe: (fact: Parameters<typeof observe>[1]) => {
        rack = observe(rack, fact);
      },
    } as never,
    journal: await Journal.open('/state/journal.jsonl', { files, clock }),
    emit,
    network,
    files,
    clock,
    random: trueRandom,
    discoverFor: 60_000 as never,
  });
}

/** The boot file that this machine is offered. */
async function offered(chaddr: Uint8Array, userClass?: string): Promise<string | undefined> {
  const before = network.sent.length;
  const question = withOptions(packetOf(ovmfPxeDiscover), {
    77: userClass === undefined ? undefined : ascii(userClass),
  });
  network.deliver(encodeDhcp({ ...question, chaddr }), nobody, everybody);
  await settle();
  const sent = network.sent[before];
  return sent === undefined ? undefined : packetOf(sent.bytes).file;
}

/** The script, for whoever has the address of the fake network's requests. */
async function script(chaddr: Uint8Array): Promise<string> {
  const taken = withOptions(packetOf(ovmfPxeRequest), { 50: Uint8Array.of(10, 0, 0, 9), 60: undefined });
  network.deliver(encodeDhcp({ ...taken, chaddr }), nobody, everybody);
  const { body } = await network.request('GET', '/talos-amd64.ipxe');
  return Buffer.concat(await Array.fromAsync(body as AsyncIterable<Uint8Array>)).toString();
}

describe('what a rack file says of the boot', () => {
  it('is the way of its machines, and the way of the rack for all others', async () => {
    await serve({ through: 'uefi-http' }, { boot: { through: 'ipxe' } });
    expect([await offered(known), await offered(stranger)]).toEqual(['snponly.efi', undefined]);
  });

  it('is a maintenance config at a URL for one of its machines', async () => {
    await serve({ maintenanceConfig: [{ inline: config }] });
    await offered(known, 'iPXE');
    const [, path = ''] = /talos\.config=http:\/\/10\.0\.0\.2:8080(\S+)/.exec(await script(known)) ?? [];
    const { status, body } = await network.request('GET', path);
    expect([status, Buffer.from((body ?? []) as Uint8Array).toString()]).toEqual([200, config]);
  });

  it('is no config for a stranger who is let in', async () => {
    await serve({ maintenanceConfig: [{ inline: config }] });
    expect(await offered(stranger, 'iPXE')).toContain('talos-amd64.ipxe');
    expect(await script(stranger)).not.toContain('talos.config');
  });
});
