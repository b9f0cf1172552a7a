import { describe, expect, it } from 'vitest';
import { seconds } from '../../core/millis.ts';
import type { UdpOptions } from '../../core/ports.ts';
import { MemoryFiles } from '../../test/fakes/memory-files.ts';
import { VirtualClock } from '../../test/fakes/virtual-clock.ts';
import { encodeDhcp } from '../dhcp/encode-dhcp.ts';
import { encodedOption, optionValue } from '../dhcp/option-table.ts';
import { FakeNetwork } from '../fake-world.fixture.ts';
import { packetOf } from '../request.fixture.ts';
import { openDhcpServer } from './open-dhcp-server.ts';

const serverAddress = '10.98.0.1';

/** A network with one DHCP server, which offers this address to whoever asks. */
class LanWithServer extends FakeNetwork {
  readonly #listeners: UdpOptions[] = [];
  asked = 0;
  readonly #server: string;
  readonly #offered: string;

  constructor(server: string, offered: string) {
    super();
    this.#server = server;
    this.#offered = offered;
  }

  override async openUdp(options: UdpOptions) {
    const socket = await super.openUdp(options);
    this.#listeners.push(options);
    return {
      ...socket,
      send: (bytes: Uint8Array) => {
        if (bytes.length < 240) return;
        this.asked += 1;
        const request = packetOf(bytes);
        const offer = encodeDhcp({
          ...request,
          op: 2,
          yiaddr: this.#offered,
          options: new Map([encodedOption('messageType', 2), encodedOption('serverIdentifier', this.#server)]),
        });
        expect(optionValue(request.options, 'messageType')).toBe(1);
        this.#listeners[0]?.onMessage(offer, { address: this.#server, port: 67 });
      },
    };
  }
}

const open = (network: FakeNetwork, besideOthers = false) =>
  openDhcpServer({
    network,
    files: new MemoryFiles(),
    clock: new VirtualClock(),
    random: { bytes: (count) => new Uint8Array(count).map((_, at) => at + 1) },
    emit: () => undefined,
    interfaceName: 'eth1',
    serverAddress,
    networks: [{ subnet: '10.98.0.0/24', pool: { first: '10.98.0.10', last: '10.98.0.20' }, leaseTime: seconds(600) }],
    path: '/leases',
    besideOthers,
  });

describe('openDhcpServer', () => {
  it('refuses to be the second DHCP server, and leaves nothing open', async () => {
    const network = new LanWithServer('10.98.0.2', '10.98.0.77');
    await expect(open(network)).rejects.toMatchObject({
      code: 'pxe/other-dhcp-server',
      exitCode: 3,
      message: 'Another DHCP server answers on eth1: 10.98.0.2 offered 10.98.0.77',
    });
    expect(network.openSockets).toEqual([]);
  });

  it('starts beside a server that only adds boot files, and beside an echo of itself', async () => {
    for (const network of [new LanWithServer('10.98.0.2', '0.0.0.0'), new LanWithServer(serverAddress, '10.98.0.77')]) {
      const opened = await open(network);
      expect(network.asked).toBeGreaterThan(0);
      await opened.close();
      expect(network.openSockets).toEqual([]);
    }
  });

  it('does not ask when the operator allows another one', async () => {
    const network = new LanWithServer('10.98.0.2', '10.98.0.77');
    await (await open(network, true)).close();
    expect(network.asked).toBe(0);
  });
});
