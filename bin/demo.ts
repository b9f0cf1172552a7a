import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { demoScenario } from '../test/lab/demo-rack.ts';
import { renderDemoRackFile } from '../test/lab/render-demo-rack-file.ts';
import { type SimRack, startRack } from '../test/lab/sim-rack.ts';

/**
 * `npm run demo`: writes a rack file, switches a simulated rack on, and runs the very command that an operator runs, in
 * a process of its own. What the machines do stays here; what Rackwright does is there.
 */
const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
const here = fileURLToPath(new URL('.', import.meta.url));
const ports = { dhcp: 16067, proxyDhcp: 16411, tftp: 16069, http: 16080 };

const rack = await switchOn();
const folder = await mkdtemp(join(tmpdir(), 'rackwright-demo-'));
try {
  process.exitCode = await runUp();
} finally {
  await rack.close();
  await rm(folder, { recursive: true, force: true });
}

async function switchOn(): Promise<SimRack> {
  const bootServer = {
    address: '127.0.0.1',
    dhcpPort: ports.dhcp,
    proxyDhcpPort: ports.proxyDhcp,
    tftpPort: ports.tftp,
  };
  try {
    const started = await startRack(demoScenario({ bootServer }));
    started.powerOn();
    return started;
  } catch (thrown) {
    console.error(`The simulated rack does not start: ${thrown instanceof Error ? thrown.message : String(thrown)}.`);
    console.error('It needs Linux, where all of 127.0.0.0/8 is there, and to be the only demo on this machine.');
    process.exit(1);
  }
}

async function runUp(): Promise<number> {
  await writeFile(join(folder, 'talos.efi'), Buffer.alloc(4_000_000, 'a stand-in for a Talos UKI '));
  const fluxManifestPath = resolve(here, '../../test/lab/flux-install.yaml');
  await writeFile(join(folder, 'rack.yaml'), renderDemoRackFile({ ukiPath: 'talos.efi', fluxManifestPath, ports }));
  // A request to leave reaches the command too, which finishes what is in flight; the rack has to be there until it has.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
  // The machines are simulated here, so that they have the clock of this computer, be it right or not.
  const flags = [
    '--yes',
    '--confirm',
    'demo',
    '--override',
    'own-clock=the rack is simulated on this computer',
    ...(values.json ? ['-o', 'json'] : []),
  ];
  const program = ['--import', join(here, 'end-with-demo.js'), join(here, 'rackwright.js')];
  const command = spawn(process.execPath, [...program, 'up', 'rack.yaml', ...flags], {
    cwd: folder,
    env: { ...process.env, XDG_STATE_HOME: join(folder, 'state'), XDG_CONFIG_HOME: join(folder, 'config') },
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  const [exitCode] = (await once(command, 'close')) as [number | null];
  return exitCode ?? 1;
}
