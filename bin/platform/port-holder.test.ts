import { afterEach, describe, expect, it } from 'vitest';
import type { UdpSocket } from '../../core/ports.ts';
import { openPortFault } from './open-port-fault.ts';
import { openUdp } from './open-udp.ts';
import { parseSocketTable, portHolder } from './port-holder.ts';

let socket: UdpSocket | undefined;
afterEach(() => socket?.close());

describe('portHolder', () => {
  it('reads the socket tables of the kernel', () => {
    const text = [
      '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
      '   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 91742 1 0000000000000000',
      '  93: 00000000:0043 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 1234 2 0000000000000000 0',
      '',
    ].join('\n');
    expect(parseSocketTable(text)).toEqual([
      { port: 8080, state: '0A', inode: '91742' },
      { port: 67, state: '07', inode: '1234' },
    ]);
  });

  it('finds the process', async () => {
    socket = await openUdp({ address: '127.0.0.1', port: 0, onMessage: () => undefined });
    expect(await portHolder('UDP', socket.local.port)).toMatch(new RegExp(` \\(pid ${process.pid}\\)$`));
  });

  it('finds nobody where nobody is', async () => {
    socket = await openUdp({ address: '127.0.0.1', port: 0, onMessage: () => undefined });
    const { port } = socket.local;
    await socket.close();
    expect(await portHolder('UDP', port)).toBeUndefined();
  });
});

describe('openPortFault', () => {
  const details = { protocol: 'UDP', address: '10.0.0.2', port: 67 } as const;
  const systemError = (code: string) => Object.assign(new Error(code), { code });

  it('names the privilege that is missing', async () => {
    expect(await openPortFault(systemError('EACCES'), details)).toMatchObject({
      code: 'platform/port-forbidden',
      exitCode: 1,
      message: 'This user may not open UDP port 67 on 10.0.0.2',
      remedy: expect.stringContaining('CAP_NET_BIND_SERVICE') as string,
    });
  });

  it('leaves what it does not know as it is', async () => {
    const cause = systemError('EMFILE');
    expect(await openPortFault(cause, details)).toBe(cause);
  });
});
