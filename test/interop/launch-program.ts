/**
 * What systemd does for packaging/systemd: makes the datagram sockets of the unit as root, each bound to its interface, and
 * starts the boot server with them as a user without rights. LISTEN_PID is the shell's, and then that of what it becomes.
 */
import { spawn } from 'node:child_process';
import { nativeSockets } from '../../bin/platform/native-sockets.ts';

const [ports = '', uki = '', ...named] = process.argv.slice(2);
const native = await nativeSockets();
if (native === undefined) throw new Error('koffi is missing');
const names = named.map((one) => one.split('=')[0] ?? '');
const made = names.flatMap((device) =>
  ports.split(',').map((port) => ({
    device,
    descriptor: native.open({ address: '0.0.0.0', port: Number(port), shared: true, device }),
  })),
);
const nobody = '65534';
const program = new URL('boot-server-program.ts', import.meta.url).pathname;
const child = spawn(
  'sh',
  [
    '-c',
    'LISTEN_PID=$$ exec "$@"',
    'sh',
    // It may read the sources wherever they are checked out, and nothing else that a user may not.
    ...['setpriv', '--reuid', nobody, '--regid', nobody, '--clear-groups', '--no-new-privs'],
    ...[
      '--inh-caps',
      '-all,+dac_read_search',
      '--ambient-caps',
      '-all,+dac_read_search',
      '--bounding-set',
      '-all,+dac_read_search',
    ],
    ...[process.execPath, program, uki, ...named],
  ],
  {
    stdio: ['ignore', 'inherit', 'inherit', ...made.map(({ descriptor }) => descriptor)],
    env: {
      ...process.env,
      LISTEN_FDS: String(made.length),
      LISTEN_FDNAMES: made.map(({ device }) => device).join(':'),
      RACKWRIGHT_NATIVE_SOCKETS: 'no',
    },
  },
);
process.once('SIGTERM', () => child.kill());
child.once('exit', (code) => process.exit(code ?? 1));
