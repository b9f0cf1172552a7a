import { describe, expect, it } from 'vitest';
import { type BootTimelines, foldBoot, maintenanceConfigName } from './boot-timeline.ts';
import type { Event } from './event.ts';
import { explainStall } from './explain-stall.ts';
import type { MacAddress } from './mac-address.ts';
import { millis } from './millis.ts';

const mac = '52:54:00:00:00:01' as MacAddress;
const address = '10.0.0.50';
const start = Date.parse('2026-01-01T00:00:00.000Z');
const file = { address, file: 'talos-amd64.efi', protocol: 'tftp', bytes: 100_000_000 } as const;
const asked = (more: Partial<Extract<Event, { type: 'boot.asked' }>> = {}): Event => ({
  type: 'boot.asked',
  mac,
  service: 'dhcp',
  message: 'discover',
  firmware: 'uefi-pxe',
  architecture: 'x64 UEFI',
  isAnswered: true,
  ...more,
});
const addressed: Event = { type: 'boot.addressed', mac, address };
const decided: Event = { type: 'boot.decided', mac, machine: 'cp-1', firmware: 'uefi-pxe', decision: 'uki-tftp' };
const fetched: Event = {
  type: 'file.served',
  ...file,
  complete: true,
  durationMillis: 10_000,
  tftp: { blockSize: 1468, windowSize: 4, resentBlocks: 3, options: {} },
};

/** Events at seconds. */
function fold(...events: readonly (readonly [atSeconds: number, event: Event])[]) {
  const timelines = events.reduce<BootTimelines>(
    (all, [at, event]) => foldBoot(all, { ...event, at: new Date(start + at * 1000).toISOString() }),
    new Map(),
  );
  const timeline = timelines.get(mac);
  return {
    timelines,
    timeline,
    kinds: timeline?.moments.map(({ kind }) => kind),
    stallAt: (atSeconds: number) => timeline && explainStall(timeline, millis(start + atSeconds * 1000)),
  };
}

describe('the boot of one machine', () => {
  const whole = [
    [0, asked()],
    [0, decided],
    [2, addressed],
    [2, asked({ service: 'proxyDhcp', message: 'request' })],
    [3, { type: 'file.probed', ...file }],
    [3, { type: 'file.started', ...file }],
    [13, fetched],
    [60, { type: 'machine.observed', machine: 'cp-1', address, stage: 'maintenance' }],
  ] as const satisfies readonly (readonly [number, Event])[];

  it('tells that Talos fetched its maintenance config, and where to look when nothing follows', () => {
    const config: Event = {
      type: 'file.served',
      address,
      file: maintenanceConfigName,
      protocol: 'http',
      bytes: 120,
      complete: true,
    };
    const { kinds, timeline, stallAt } = fold(...whole.slice(0, -1), [40, config]);
    expect(kinds?.at(-1)).toBe('configured');
    expect(timeline?.moments.at(-1)?.says).toBe('Talos has started and fetched its maintenance config (120 bytes)');
    expect(stallAt(100)).toBeUndefined();
    expect(stallAt(200)?.remedy).toContain('boot.maintenanceConfig');
  });

  it('is told from DISCOVER to Talos, with rate and resent blocks', () => {
    const { kinds, timeline, stallAt } = fold(...whole);
    expect(kinds).toEqual(['offered', 'addressed', 'proxy-answered', 'probed', 'started', 'fetched', 'talos']);
    expect(timeline).toMatchObject({ machine: 'cp-1', address, firmware: 'uefi-pxe' });
    expect(timeline?.moments[5]?.says).toBe(
      'It fetched 100000000 bytes of talos-amd64.efi (tftp) in 10.0 s, 10.0 MB/s, 3 blocks sent again',
    );
    expect(stallAt(100_000)).toBeUndefined();
  });

  it('begins anew with the next power-on, and not with a DISCOVER that is sent again', () => {
    expect(fold([0, asked()], [4, asked()]).kinds).toEqual(['offered', 'offered']);
    expect(fold(...whole, [9000, asked()]).kinds).toEqual(['offered']);
  });

  it.each<[string, readonly (readonly [number, Event])[], number, RegExp]>([
    [
      'a DISCOVER sent again and again',
      [
        [0, asked()],
        [4, asked()],
      ],
      13,
      /E16.*E51/,
    ],
    ['an offer that was not taken', [[0, asked()]], 16, /E16/],
    ['an address and then nothing', whole.slice(0, 3), 30, /E55.*E21/],
    ['nothing behind port 4011', whole.slice(0, 4), 30, /E55.*E18/],
    ['nothing behind the size', whole.slice(0, 5), 30, /Out of Resources/],
    ['a transfer that stands still', whole.slice(0, 6), 200, /and then nothing/],
    ['a transfer given up', [...whole.slice(0, 6), [9, { ...fetched, complete: false }]], 40, /E32/],
    ['a file and no Talos', whole.slice(0, 7), 400, /Access Denied/],
  ])('has a likely cause for %s, and none a moment before', (_, events, at, shows) => {
    const { stallAt, timeline } = fold(...events);
    expect(stallAt(at)?.shows).toMatch(shows);
    const last = (Date.parse(timeline?.moments.at(-1)?.at ?? '') - start) / 1000;
    expect(stallAt(last + 1)).toBeUndefined();
  });

  it('knows firmware that refuses a file from a loader that asks by another name', () => {
    const fetchedNow = whole.slice(0, 7);
    expect(fold(...fetchedNow, [20, asked()]).stallAt(21)?.shows).toMatch(/^Access Denied/);
    expect(fold(...fetchedNow, [20, asked({ firmware: 'uefi-http' })]).stallAt(21)?.shows).toMatch(/^Access Denied/);
    expect(fold(...fetchedNow, [20, asked({ firmware: 'ipxe' })]).stallAt(21)).toBeUndefined();
    expect(fold(...fetchedNow, [200, asked()]).stallAt(201)).toBeUndefined();
  });

  it('takes no machine for refused that was told to start its disk', () => {
    const script: Event = { type: 'file.served', ...file, file: 'exit.ipxe', complete: true };
    const { kinds, stallAt } = fold([0, asked({ firmware: 'ipxe' })], [1, addressed], [2, script], [10, asked()]);
    expect(kinds).toEqual(['offered']);
    expect(stallAt(11)).toBeUndefined();
    expect(fold([0, asked()], [1, addressed], [2, script]).stallAt(1000)).toBeUndefined();
  });

  it('is no stall when we held the machine', () => {
    expect(fold([0, asked({ isAnswered: false })]).stallAt(100)).toBeUndefined();
  });

  it('gives file events to the machine that has the address now', () => {
    const other = '52:54:00:00:00:02' as MacAddress;
    const { timelines } = fold(
      [0, asked()],
      [1, addressed],
      [500, asked({ mac: other })],
      [501, { ...addressed, mac: other }],
      [502, { type: 'file.probed', ...file }],
    );
    expect([...timelines].map(([key, { moments }]) => [key, moments.at(-1)?.kind])).toEqual([
      [mac, 'addressed'],
      [other, 'probed'],
    ]);
  });

  it('keeps a bounded number of moments of a machine that boots in circles', () => {
    expect(fold(...Array.from({ length: 200 }, (_, at) => [at, asked()] as const)).kinds).toHaveLength(64);
  });
});
