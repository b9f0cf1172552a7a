import { afterEach, describe, expect, it } from 'vitest';
import { nodeClock } from '../../bin/platform/node-clock.ts';
import { parseMac } from '../../core/mac-address.ts';
import type { Endpoint } from '../../core/ports.ts';
import { type DhcpMessage, type DhcpOption, ipv4Bytes, optionOf, readDhcp, textOf, writeDhcp } from './dhcp-wire.ts';
import { plugIn } from './lan-relay.ts';
import { scaledClock } from './scaled-clock.ts';
import { seededRandom } from './seeded-random.ts';
import { bootFromNetwork } from './sim-firmware.ts';
import { openUdpSocket, type SimSocket } from './sim-socket.ts';

const server = '127.95.0.1';
const mac = parseMac('52:54:00:95:00:01')!;
const leasedAddress = '127.95.1.1';
const uuid = '4c4c4544-0042-3510-8057-b7c04f4e5931';

const open: SimSocket[] = [];
afterEach(() => Promise.all(open.splice(0).map((socket) => socket.close())));
const listen = async (onMessage: (bytes: Uint8Array, from: Endpoint, reply: (bytes: Uint8Array) => void) => void) => {
  const socket: SimSocket = await openUdpSocket({ address: server, port: 0 }, (bytes, from) =>
    onMessage(bytes, from, (answer) => socket.send(answer, from)),
  );
  open.push(socket);
  return socket.port;
};

const answer = (asked: DhcpMessage, type: number, options: DhcpOption[]) =>
  writeDhcp({
    ...asked,
    op: 2,
    options: [
      [53, Uint8Array.of(type)],
      ...options,
      [60, Buffer.from('PXEClient')],
      ...asked.options.filter(([code]) => code === 82),
    ],
  });

/** Boots over TFTP once, with the boot server that the test wrote. */
const boot = async (ports: { dhcpPort: number; proxyDhcpPort?: number; tftpPort?: number }) => {
  const random = seededRandom('firmware');
  const clock = scaledClock(nodeClock, 150);
  return bootFromNetwork({
    machine: {
      name: 'one',
      mac,
      uuid,
      leasedAddress,
      link: 'eth0',
      disks: [],
      firmware: { transport: 'tftp', architecture: 7 },
      talosVersion: 'v1.13.9',
      faults: [],
    },
    clock,
    patientClock: clock,
    random,
    signal: new AbortController().signal,
    plug: (onDhcp) =>
      plugIn({
        mac,
        leasedAddress,
        lan: { dhcpServer: '127.95.0.2', prefixLength: 16 },
        bootServer: { address: server, proxyDhcpPort: 1, tftpPort: 1, ...ports },
        loses: () => false,
        onDhcp,
      }),
  });
};

describe('the simulated firmware', () => {
  it('asks as OVMF does, through a relay that wants its answer at its own port', async () => {
    const heard: { message: DhcpMessage; from: Endpoint }[] = [];
    const dhcpPort = await listen((bytes, from) => heard.push({ message: readDhcp(bytes)!, from }));
    expect(await boot({ dhcpPort })).toBe(false);
    expect(heard).toHaveLength(4);
    const { message, from } = heard[0]!;
    const hex = (code: number) => Buffer.from(optionOf(message, code) ?? []).toString('hex');
    expect(message).toMatchObject({ op: 1, mac, giaddr: leasedAddress });
    expect(from.address).toBe(leasedAddress);
    expect(from.port).not.toBe(67);
    expect(message.options.map(([code]) => code)).toEqual([53, 57, 55, 61, 97, 94, 93, 60, 82]);
    expect([hex(53), hex(93), hex(94), hex(82)]).toEqual(['01', '0007', '010301', '1300']);
    // The first three fields of the UUID have their low byte first.
    expect(hex(97)).toBe('0044454c4c420010358057b7c04f4e5931');
    expect(textOf(optionOf(message, 60)!)).toBe('PXEClient:Arch:00007:UNDI:003001');
  });

  it('does not hear a boot server that forgets its server identifier', async () => {
    let requests = 0;
    const dhcpPort = await listen((bytes, _, reply) => {
      const asked = readDhcp(bytes)!;
      if (optionOf(asked, 53)?.[0] === 3) requests += 1;
      reply(answer(asked, 2, [[67, Buffer.from('uki.efi\0')]]));
    });
    expect(await boot({ dhcpPort })).toBe(false);
    expect(requests).toBe(0);
  });

  it('asks on port 4011, from port 4011, when the offer says nothing of skipping that', async () => {
    const requests = new Set<string>();
    const files = new Set<string>();
    const id: DhcpOption = [54, ipv4Bytes(server)];
    const dhcpPort = await listen((bytes, _, reply) => reply(answer(readDhcp(bytes)!, 2, [id])));
    const proxyDhcpPort = await listen((bytes, from, reply) => {
      requests.add(`${from.address}:${from.port}`);
      reply(answer(readDhcp(bytes)!, 5, [id, [67, Buffer.from('uki.efi\0')]]));
    });
    const tftpPort = await listen((bytes, _, reply) => {
      files.add(Buffer.from(bytes).toString('latin1').replaceAll('\0', ' ').trim());
      reply(Uint8Array.of(0, 5, 0, 1, 0));
    });
    expect(await boot({ dhcpPort, proxyDhcpPort, tftpPort })).toBe(false);
    expect([...requests]).toEqual([`${leasedAddress}:4011`]);
    expect([...files]).toEqual(['\x01uki.efi octet tsize 0 blksize 1468 windowsize 4']);
  });
});
