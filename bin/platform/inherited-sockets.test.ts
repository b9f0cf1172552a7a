import { describe, expect, it } from 'vitest';
import { parseListenEnvironment, takeInherited } from './inherited-sockets.ts';

describe('parseListenEnvironment', () => {
  const env = { LISTEN_PID: '42', LISTEN_FDS: '3', LISTEN_FDNAMES: 'eth1:eth1:eth2' };

  it('names each descriptor from 3 on', () => {
    expect(parseListenEnvironment(env, 42)).toEqual([
      { descriptor: 3, name: 'eth1' },
      { descriptor: 4, name: 'eth1' },
      { descriptor: 5, name: 'eth2' },
    ]);
  });

  it('takes nothing that is for another process, or for none', () => {
    expect([parseListenEnvironment(env, 43), parseListenEnvironment({}, 42)]).toEqual([[], []]);
    expect(parseListenEnvironment({ ...env, LISTEN_FDS: 'many' }, 42)).toEqual([]);
  });
});

describe('takeInherited', () => {
  it('gives nothing where nothing was handed over', async () => {
    expect(await takeInherited('UDP', 'eth1', 67)).toBeUndefined();
  });
});
