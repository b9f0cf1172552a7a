import { beforeEach, describe, expect, it } from 'vitest';
import type { Event } from '../../core/event.ts';
import type { MacAddress } from '../../core/mac-address.ts';
import { minutes } from '../../core/millis.ts';
import { FakeClock } from '../fake-world.fixture.ts';
import { ConfigUrls } from './config-urls.ts';

const config = 'apiVersion: v1alpha1\nkind: KmsgLogConfig\nname: top-secret\n';
const mac = '52:54:00:00:00:01' as MacAddress;
const machine = '10.0.0.9';

let clock: FakeClock;
let events: Event[];
let urls: ConfigUrls;
let address: string | undefined;
let made = 0;

beforeEach(() => {
  clock = new FakeClock();
  events = [];
  address = machine;
  urls = new ConfigUrls({ clock, random: { bytes: (count) => new Uint8Array(count).fill((made += 1)) } });
});

const ask = (path: string, remoteAddress = machine, method = 'GET') =>
  urls.answer(
    { method, path, remoteAddress, headers: {} },
    { emit: (event) => events.push(event), addressOf: (one) => (one === mac ? address : undefined) },
  );
const offer = () => urls.offer({ mac, config, validFor: minutes(10) });

describe('ConfigUrls', () => {
  it('gives a config to its machine, once', () => {
    const path = offer();
    const response = ask(path);
    expect(response).toMatchObject({
      status: 200,
      headers: { 'Content-Length': String(config.length), 'Cache-Control': 'no-store' },
    });
    expect(new TextDecoder().decode(response?.body as Uint8Array)).toBe(config);
    response?.onFinished?.(config.length);
    expect(ask(path)?.status).toBe(404);
  });

  it('lets it be fetched again when it broke off, but not twice at a time', () => {
    const path = offer();
    const first = ask(path);
    expect(ask(path)?.status).toBe(404);
    first?.onFinished?.(3);
    expect(ask(path)?.status).toBe(200);
  });

  it('tells HEAD the size, and is not used up by it', () => {
    const path = offer();
    expect(ask(path, machine, 'HEAD')).toEqual({
      status: 200,
      headers: {
        'Content-Type': 'application/yaml',
        'Content-Length': String(config.length),
        'Cache-Control': 'no-store',
      },
    });
    expect(ask(path)?.status).toBe(200);
  });

  it('gives it to nobody else, and says that somebody asked', () => {
    expect(ask(offer(), '10.0.0.66')).toEqual({ status: 404, headers: { 'Content-Length': '0' } });
    expect(events).toMatchObject([{ type: 'packet.dropped', from: '10.0.0.66' }]);
  });

  it('gives it to its machine at the address that it has now, and to nobody while it has none', () => {
    const path = offer();
    address = undefined;
    expect(ask(path)?.status).toBe(404);
    address = '10.0.0.10';
    expect([ask(path)?.status, ask(path, '10.0.0.10')?.status]).toEqual([404, 200]);
  });

  it('forgets it when its time is over, and when the machine is offered another', async () => {
    const [early, late] = [offer(), offer()];
    expect(ask(early)?.status).toBe(404);
    await clock.advance(minutes(10));
    expect(ask(late)?.status).toBe(404);
  });

  it('has another URL each time, of 24 random bytes', () => {
    const paths = [offer(), offer()];
    expect(new Set(paths).size).toBe(2);
    for (const path of paths) expect(path).toMatch(/^\/config\/[\w-]{32}$/);
  });

  it('leaves all other paths to others, and guesses at 404', () => {
    expect([ask('/talos-amd64.efi'), ask('/config'), ask('/config/')?.status]).toEqual([undefined, undefined, 404]);
  });

  it('shows neither the config nor the URL in an event', () => {
    const path = offer();
    ask(path, '10.0.0.66');
    ask(path)?.onFinished?.(config.length);
    ask(path);
    const shown = JSON.stringify(events);
    expect(events.length).toBe(3);
    expect(shown).not.toContain('top-secret');
    expect(shown).not.toContain(path.slice('/config/'.length));
  });
});
