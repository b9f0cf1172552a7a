import { describe, expect, it } from 'vitest';
import type { Network, UdpOptions } from '../core/ports.ts';
import { dhcpSockets } from './dhcp-sockets.ts';
import { FakeNetwork } from './fake-world.fixture.ts';

/** A network whose sockets hear one interface, as asked or because a service manager made them so. */
function networkWhere(isOfInterface: (options: UdpOptions) => boolean) {
  const fake = new FakeNetwork();
  const network: Pick<Network, 'openUdp'> = {
    openUdp: async (options) => ({ ...(await fake.openUdp(options)), isOfInterface: isOfInterface(options) }),
  };
  return { fake, network };
}

const socketsOf = (network: Pick<Network, 'openUdp'>, served: readonly string[], admits = () => true) =>
  dhcpSockets({ network, interfaceName: served[0] ?? '', served, admits });

const options = (address: string, onMessage: UdpOptions['onMessage'] = () => undefined) => ({
  address,
  port: 67,
  shared: true,
  onMessage,
});

describe('dhcpSockets', () => {
  it('opens one for our address and one for broadcasts', async () => {
    const { fake, network } = networkWhere(({ onlyInterface }) => onlyInterface === true);
    const sockets = socketsOf(network, ['eth1', 'eth2']);
    await sockets.openUdp(options('10.0.0.2'));
    await sockets.openUdp(options('255.255.255.255'));
    expect(fake.openSockets.map(({ address }) => address)).toEqual(['10.0.0.2', '255.255.255.255']);
  });

  it('needs no second one where the first hears the whole interface', async () => {
    const { fake, network } = networkWhere(() => true);
    const sockets = socketsOf(network, ['eth1']);
    await sockets.openUdp(options('10.0.0.2'));
    const second = await sockets.openUdp(options('255.255.255.255'));
    expect(fake.openSockets).toHaveLength(1);
    await second.close();
    expect(fake.openSockets).toHaveLength(1);
  });

  it('refuses several interfaces whose broadcasts look alike, and leaves nothing open for them', async () => {
    const { fake, network } = networkWhere(() => false);
    await expect(socketsOf(network, ['eth1', 'eth2']).openUdp(options('255.255.255.255'))).rejects.toMatchObject({
      code: 'pxe/interfaces-indistinct',
      message: expect.stringContaining('eth1 and eth2') as string,
    });
    expect(fake.openSockets).toEqual([]);
    await socketsOf(network, ['eth1']).openUdp(options('255.255.255.255'));
    expect(fake.openSockets).toHaveLength(1);
  });

  it('passes on only what is admitted', async () => {
    const { fake, network } = networkWhere(() => false);
    const heard: Uint8Array[] = [];
    let isOpen = false;
    const sockets = socketsOf(network, ['eth1'], () => isOpen);
    await sockets.openUdp(options('10.0.0.2', (bytes) => heard.push(bytes)));
    const to = { address: '10.0.0.2', port: 67 };
    fake.deliver(Uint8Array.of(1), to, to);
    isOpen = true;
    fake.deliver(Uint8Array.of(2), to, to);
    expect(heard).toEqual([Uint8Array.of(2)]);
  });
});
