import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { demoScenario } from '../test/lab/demo-rack.ts';
import { renderDemoRackFile } from '../test/lab/render-demo-rack-file.ts';
import { startRack } from '../test/lab/sim-rack.ts';

/**
 * `npm run demo`: writes a rack file, switches a simulated rack on, and runs the very command that an operator runs, in
 * a process of its own. What the machines do stays here; what Rackwright does is there.
 */
const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
const here = fileURLToPath(new URL('.', import.meta.url));
const folder = await mkdtemp(join(tmpdir(), 'rackwright-demo-'));

await writeFile(join(folder, 'talos.efi'), Buffer.alloc(4_000_000, 'a stand-in for a Talos UKI '));
const ports = { dhcp: 16067, proxyDhcp: 16411, tftp: 16069, http: 16080 };
const fluxManifestPath = resolve(here, '../../test/lab/flux-install.yaml');
await writeFile(join(folder, 'rack.yaml'), renderDemoRackFile({ ukiPath: 'talos.efi', fluxManifestPath, ports }));
const bootServer = { address: '127.0.0.1', dhcpPort: ports.dhcp, proxyDhcpPort: ports.proxyDhcp, tftpPort: ports.tftp };
const rack = await startRack(demoScenario({ bootServer }));
rack.powerOn();

// Ctrl-C reaches the command too, which finishes what is in flight; the rack has to be there until it has.
process.on('SIGINT', () => undefined);
const flags = ['--yes', '--confirm', 'demo', ...(values.json ? ['-o', 'json'] : [])];
const command = spawn(process.execPath, [join(here, 'rackwright.js'), 'up', 'rack.yaml', ...flags], {
  cwd: folder,
  env: { ...process.env, XDG_STATE_HOME: join(folder, 'state'), XDG_CONFIG_HOME: join(folder, 'config') },
  stdio: 'inherit',
});
const [exitCode] = (await once(command, 'close')) as [number | null];
await rack.close();
await rm(folder, { recursive: true, force: true });
process.exitCode = exitCode ?? 1;
