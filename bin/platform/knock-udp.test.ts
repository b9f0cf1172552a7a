import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { knockUdp } from './knock-udp.ts';

const never = new AbortController().signal;

describe('knockUdp', () => {
  it('hears from the system of the other end that nobody listens', async () => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const { port } = socket.address();
    await new Promise<void>((closed) => void socket.close(closed));
    expect(await knockUdp({ address: '127.0.0.1', port }, 1472, never)).toBe('refused');
  });

  it('is left without an answer where no socket may send', async () => {
    expect(await knockUdp({ address: '255.255.255.255', port: 9 }, 9, never)).toBe('silent');
  });

  it('is left without an answer where somebody listens, and at once when it is told to leave', async () => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const { port } = socket.address();
    const leaving = new AbortController();
    const heard = once(socket, 'message');
    const knocking = knockUdp({ address: '127.0.0.1', port }, 9, leaving.signal);
    expect(((await heard) as [Buffer])[0]).toHaveLength(9);
    leaving.abort();
    expect(await knocking).toBe('silent');
    expect(await knockUdp({ address: '127.0.0.1', port }, 9, AbortSignal.abort())).toBe('silent');
    socket.close();
  });
});
