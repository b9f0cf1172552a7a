import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Event } from '../../core/event.ts';
import { parseMac } from '../../core/mac-address.ts';
import { seconds } from '../../core/millis.ts';
import { MemoryFiles } from '../../test/fakes/memory-files.ts';
import { bytesOfIpv4 } from '../dhcp/ipv4-bytes.ts';
import { encodedOption } from '../dhcp/option-table.ts';
import { DhcpServer } from './dhcp-server.ts';
import { message, said, told, type Wish } from './lease-client.fixture.ts';
import { type LeaseNetworkOptions, leaseNetwork } from './lease-network.ts';
import { LeaseStore } from './lease-store.ts';

const serverAddress = '10.0.0.1';
const macOf = (client: number) => parseMac(`52540000 00${client.toString(16).padStart(2, '0')}`.replace(' ', ''))!;
const home: LeaseNetworkOptions = {
  subnet: '10.0.0.0/24',
  pool: { first: '10.0.0.10', last: '10.0.0.19' },
  reservations: [{ mac: macOf(1), address: '10.0.0.101', hostName: 'cp-1' }],
  excluded: [serverAddress, '10.0.0.15'],
  gateway: '10.0.0.254',
  nameservers: ['10.0.0.53', '10.0.0.54'],
  leaseTime: seconds(600),
};
const behindRelay: LeaseNetworkOptions = {
  subnet: '10.7.0.0/24',
  pool: { first: '10.7.0.10', last: '10.7.0.19' },
  leaseTime: seconds(600),
};

let files: MemoryFiles;
let now: number;
let inUse: Set<string>;
let probed: string[];
let events: Event[];
let server: DhcpServer;

async function start(networks = [home, behindRelay]) {
  server = new DhcpServer({
    serverAddress,
    networks: networks.map(leaseNetwork),
    store: await LeaseStore.open('/leases', files),
    probe: async (address) => {
      probed.push(address);
      return inUse.has(address);
    },
    clock: { now: () => new Date(now) },
    emit: (event) => events.push(event),
  });
}

beforeEach(async () => {
  files = new MemoryFiles();
  now = 1_000_000;
  inUse = new Set();
  probed = [];
  events = [];
  await start();
});

const ask = async (kind: Parameters<typeof message>[0], client: number, wish?: Wish) =>
  said(await server.answer(message(kind, client, wish)));

/** DISCOVER and REQUEST, as a client does that believes us. */
async function lease(client: number, wish: Wish = {}): Promise<string> {
  const offer = await server.answer(message('discover', client, wish));
  if (offer === undefined) throw new Error('no offer');
  const requestedAddress = offer.yiaddr;
  expect(await ask('request', client, { ...wish, requestedAddress, serverIdentifier: serverAddress })).toBe(
    `ack ${requestedAddress}`,
  );
  return requestedAddress;
}

describe('DISCOVER', () => {
  it('gets an address of the pool with what a client has to know of its network', async () => {
    const offer = await server.answer(message('discover', 2));
    expect(offer?.yiaddr).toMatch(/^10\.0\.0\.1[0-9]$/);
    expect([told(offer, 'serverIdentifier'), told(offer, 'subnetMask'), told(offer, 'router')]).toEqual([
      serverAddress,
      '255.255.255.0',
      ['10.0.0.254'],
    ]);
    expect(told(offer, 'domainNameServer')).toEqual(['10.0.0.53', '10.0.0.54']);
    expect([told(offer, 'leaseTime'), told(offer, 'renewalTime'), told(offer, 'rebindingTime')]).toEqual([
      600, 300, 525,
    ]);
  });

  it('gets the address of the rack file and the name, where there is a reservation', async () => {
    const offer = await server.answer(message('discover', 1, { requestedAddress: '10.0.0.12' }));
    expect([said(offer), told(offer, 'hostName')]).toEqual(['offer 10.0.0.101', 'cp-1']);
  });

  it('gets the address that it asks for, when that is free and in the pool', async () => {
    expect(await ask('discover', 2, { requestedAddress: '10.0.0.17' })).toBe('offer 10.0.0.17');
    for (const address of ['10.0.0.101', '10.0.0.15', '10.0.0.99', '10.9.9.9', '10.0.0.17']) {
      expect(await ask('discover', 3, { requestedAddress: address })).not.toBe(`offer ${address}`);
    }
  });

  it('gets the same address again while it has it, and after it gave it back', async () => {
    const address = await lease(2);
    expect(await ask('discover', 2)).toBe(`offer ${address}`);
    await ask('release', 2, { ciaddr: address, serverIdentifier: serverAddress });
    now += 10_000_000;
    expect(await ask('discover', 2)).toBe(`offer ${address}`);
  });

  it('never gets an address that somebody uses, and the next one is tried', async () => {
    inUse = new Set(['10.0.0.10', '10.0.0.11', '10.0.0.12']);
    const given = [await lease(2), await lease(3), await lease(4)];
    for (const address of inUse) expect(given).not.toContain(address);
    inUse = new Set(['10.0.0.101']);
    expect(await ask('discover', 1)).not.toBe('offer 10.0.0.101');
    expect(events).toContainEqual({ type: 'lease.changed', mac: macOf(1), address: '10.0.0.101', state: 'conflict' });
  });

  it('probes an address once for a client, not again while it has it', async () => {
    const address = await lease(2);
    await ask('discover', 2);
    await ask('request', 2, { ciaddr: address });
    expect(probed).toEqual([address]);
  });

  it('repeated while the first is being answered gets the same offer', async () => {
    const both = await Promise.all([ask('discover', 2), ask('discover', 2)]);
    expect(both[0]).toBe(both[1]);
    expect(probed).toHaveLength(1);
  });

  it('gets silence and a word when the pool is used up, and an address again when a lease has run out', async () => {
    const given = new Set<string>();
    for (let client = 10; client < 19; client += 1) given.add(await lease(client));
    expect(given.size).toBe(9);
    expect(given).not.toContain('10.0.0.15');
    expect(await ask('discover', 20)).toBe('silence');
    expect(events.at(-1)).toMatchObject({ type: 'packet.dropped', reason: 'no address of 10.0.0.0/24 is free' });
    now += 600_001;
    expect(await ask('discover', 20)).toMatch(/^offer/);
  });

  it('keeps an offer for its client for a minute, not longer', async () => {
    const [, address] = (await ask('discover', 2)).split(' ');
    expect(await ask('discover', 3, { requestedAddress: address! })).not.toBe(`offer ${address}`);
    now += 60_001;
    expect(await ask('discover', 4, { requestedAddress: address! })).toBe(`offer ${address}`);
  });
});

describe('REQUEST', () => {
  it('is acknowledged only when the lease is on the disk', async () => {
    const { yiaddr } = (await server.answer(message('discover', 2)))!;
    const written = Promise.withResolvers<undefined>();
    const append = files.appendDurably.bind(files);
    files.appendDurably = async (path, text) => {
      await written.promise;
      await append(path, text);
    };
    let answered = false;
    const ack = server
      .answer(message('request', 2, { requestedAddress: yiaddr, serverIdentifier: serverAddress }))
      .finally(() => (answered = true));
    await new Promise(setImmediate);
    expect(answered).toBe(false);
    written.resolve(undefined);
    expect(said(await ack)).toBe(`ack ${yiaddr}`);
    expect(await files.readText('/leases')).toContain(`"address":"${yiaddr}"`);
  });

  it('gets nothing when the lease cannot be written, and the lease does not count', async () => {
    const { yiaddr } = (await server.answer(message('discover', 2)))!;
    files.appendDurably = () => Promise.reject(new Error('the disk is full'));
    await expect(
      server.answer(message('request', 2, { requestedAddress: yiaddr, serverIdentifier: serverAddress })),
    ).rejects.toThrow('the disk is full');
    now += 60_001;
    expect(await ask('discover', 3, { requestedAddress: yiaddr })).toBe(`offer ${yiaddr}`);
  });

  it('for another server takes our offer back', async () => {
    const { yiaddr } = (await server.answer(message('discover', 2)))!;
    expect(await ask('request', 2, { requestedAddress: yiaddr, serverIdentifier: '10.0.0.2' })).toBe('silence');
    expect(await ask('discover', 3, { requestedAddress: yiaddr })).toBe(`offer ${yiaddr}`);
  });

  it('for an address that was not offered is refused', async () => {
    await ask('discover', 2);
    expect(await ask('request', 2, { requestedAddress: '10.0.0.99', serverIdentifier: serverAddress })).toBe('nak');
    expect(await ask('request', 3, { requestedAddress: '10.0.0.12', serverIdentifier: serverAddress })).toBe('nak');
  });

  it.each(['renewing', 'after a restart of the client'])('%s prolongs the lease', async (how) => {
    const address = await lease(2);
    now += 500_000;
    const wish = how === 'renewing' ? { ciaddr: address } : { requestedAddress: address };
    expect(await ask('request', 2, wish)).toBe(`ack ${address}`);
    now += 500_000;
    expect(await ask('discover', 3, { requestedAddress: address })).not.toBe(`offer ${address}`);
  });

  it('with an address of another network is refused', async () => {
    expect(await ask('request', 2, { requestedAddress: '192.168.1.5' })).toBe('nak');
    expect(await ask('request', 2, { ciaddr: '192.168.1.5' })).toBe('nak');
  });

  it('of a client that we never heard of is left to others, unless its address is somebody else’s', async () => {
    expect(await ask('request', 2, { requestedAddress: '10.0.0.12' })).toBe('silence');
    expect(await ask('request', 2, { ciaddr: '10.0.0.12' })).toBe('silence');
    const address = await lease(3);
    expect(await ask('request', 2, { requestedAddress: address })).toBe('nak');
    expect(await ask('request', 2, { ciaddr: address })).toBe('nak');
  });

  it('for an old address is refused once the rack file reserves another one', async () => {
    const address = await lease(2);
    await start([{ ...home, reservations: [{ mac: macOf(2), address: '10.0.0.102' }] }]);
    expect(await ask('request', 2, { ciaddr: address })).toBe('nak');
    expect(await lease(2)).toBe('10.0.0.102');
  });
});

describe('RELEASE, DECLINE and INFORM', () => {
  it('releases only the client’s own address', async () => {
    const address = await lease(2);
    await ask('release', 3, { ciaddr: address, serverIdentifier: serverAddress });
    expect(await ask('discover', 4, { requestedAddress: address })).not.toBe(`offer ${address}`);
    await ask('release', 2, { ciaddr: address, serverIdentifier: serverAddress });
    expect(await ask('discover', 5, { requestedAddress: address })).toBe(`offer ${address}`);
  });

  it('gives nobody a declined address for ten minutes', async () => {
    const address = await lease(2);
    await ask('decline', 3, { requestedAddress: address, serverIdentifier: serverAddress });
    expect(await ask('discover', 2)).toBe(`offer ${address}`);
    await ask('decline', 2, { requestedAddress: address, serverIdentifier: serverAddress });
    for (const client of [2, 4]) {
      expect(await ask('discover', client, { requestedAddress: address })).not.toBe(`offer ${address}`);
    }
    now += 600_001;
    expect(await ask('discover', 5, { requestedAddress: address })).toBe(`offer ${address}`);
  });

  it('informs a client with a fixed address, and leases it nothing', async () => {
    const reply = await server.answer(message('inform', 2, { ciaddr: '10.0.0.99' }));
    expect([said(reply), reply?.ciaddr, told(reply, 'leaseTime')]).toEqual(['ack', '10.0.0.99', undefined]);
    expect(told(reply, 'router')).toEqual(['10.0.0.254']);
    expect(await files.readText('/leases')).toBeUndefined();
  });
});

describe('a relay', () => {
  it('gets an address of its own network for the client', async () => {
    const offer = await server.answer(message('discover', 2, { giaddr: '10.7.0.1' }));
    expect(offer?.yiaddr).toMatch(/^10\.7\.0\.1\d$/);
    expect(offer?.giaddr).toBe('10.7.0.1');
    expect(probed).toEqual([]);
  });

  it('may name another network than its own, by RFC 3527 or RFC 3011', async () => {
    const link = [encodedOption('relayAgentInformation', [[5, bytesOfIpv4('10.7.0.0')]])];
    const selected = [encodedOption('subnetSelection', '10.7.0.0')];
    const first = await server.answer(message('discover', 2, { giaddr: '10.9.0.1', options: link }));
    const second = await server.answer(message('discover', 3, { giaddr: '10.9.0.1', options: selected }));
    expect([first?.yiaddr, second?.yiaddr]).toEqual([
      expect.stringMatching(/^10\.7\./) as string,
      expect.stringMatching(/^10\.7\./) as string,
    ]);
    expect(told(second, 'subnetSelection')).toBe('10.7.0.0');
    expect([...(first?.options ?? [])].at(-1)?.[0]).toBe(82);
  });

  it('gets silence for a network without a pool', async () => {
    expect(await ask('discover', 2, { giaddr: '10.9.0.1' })).toBe('silence');
    expect(events.at(-1)).toMatchObject({ type: 'packet.dropped' });
  });

  it('may stand for us, so that renewals pass it (RFC 5107)', async () => {
    const options = [encodedOption('relayAgentInformation', [[11, bytesOfIpv4('10.7.0.1')]])];
    const offer = await server.answer(message('discover', 2, { giaddr: '10.7.0.1', options }));
    expect(told(offer, 'serverIdentifier')).toBe('10.7.0.1');
    const requestedAddress = offer!.yiaddr;
    const wish = { giaddr: '10.7.0.1', options, requestedAddress, serverIdentifier: '10.7.0.1' };
    expect(await ask('request', 2, wish)).toBe(`ack ${requestedAddress}`);
  });

  it('is not needed for a renewal, which the client sends directly', async () => {
    const address = await lease(2, { giaddr: '10.7.0.1' });
    expect(await ask('request', 2, { ciaddr: address })).toBe(`ack ${address}`);
  });
});

describe('a new start', () => {
  it('knows every lease', async () => {
    const [mine, other] = [await lease(2), await lease(3)];
    await start();
    expect(await ask('request', 2, { ciaddr: mine })).toBe(`ack ${mine}`);
    expect(await ask('discover', 4, { requestedAddress: other })).not.toBe(`offer ${other}`);
  });
});

describe('any sequence of messages', () => {
  it('never acknowledges one address to two clients at a time', async () => {
    const kind = fc.constantFrom('discover', 'request', 'release', 'decline', 'wait', 'restart');
    const step = fc.record({
      kind,
      client: fc.integer({ min: 1, max: 14 }),
      last: fc.integer({ min: 8, max: 20 }),
      how: fc.constantFrom('selecting', 'reboot', 'renew'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        files = new MemoryFiles();
        await start();
        const held = new Map<string, { client: number; until: number }>();
        for (const { kind, client, last, how } of steps) {
          const address = `10.0.0.${last}`;
          if (kind === 'wait') now += 200_000;
          if (kind === 'restart') await start();
          if (kind === 'wait' || kind === 'restart') continue;
          const wish =
            kind === 'release' || (kind === 'request' && how === 'renew')
              ? { ciaddr: address }
              : {
                  requestedAddress: address,
                  ...(kind === 'discover' || how === 'reboot' ? {} : { serverIdentifier: serverAddress }),
                };
          const reply = await server.answer(message(kind, client, wish));
          if (kind === 'release' && held.get(address)?.client === client) held.delete(address);
          if (!said(reply).startsWith('ack ')) continue;
          const holder = held.get(reply!.yiaddr);
          expect(holder === undefined || holder.client === client || holder.until <= now).toBe(true);
          expect(reply!.yiaddr).not.toBe('10.0.0.15');
          held.set(reply!.yiaddr, { client, until: now + 600_000 });
        }
      }),
    );
  });
});
