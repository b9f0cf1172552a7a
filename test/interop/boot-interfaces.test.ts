import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../firmware/run-command.ts';
import { RunningProgram } from '../firmware/running-program.ts';

/** Two segments in network namespaces: our host with an interface on each, and a client on each. */
const server = `g-${process.pid}-server`;
const segments = [
  { client: `g-${process.pid}-one`, link: 'eth1', ours: '10.102.1.1', theirs: '10.102.1.9' },
  { client: `g-${process.pid}-two`, link: 'eth2', ours: '10.102.2.1', theirs: '10.102.2.9' },
] as const;
const named = segments.map(({ link, ours }) => `${link}=${ours}`);
const content = randomBytes(300_001);
const programs: RunningProgram[] = [];
const namespaces: string[] = [];
let directory: string;

const inside = (namespace: string, program: string, ...args: readonly string[]) =>
  ['netns', 'exec', namespace, program, ...args] as const;
const source = (name: string) => new URL(name, import.meta.url).pathname;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rackwright-interfaces-'));
  await writeFile(join(directory, 'uki'), content);
  const ip = (namespace: string, command: string) => runCommand('ip', ['-n', namespace, ...command.split(' ')]);
  for (const name of [server, ...segments.map(({ client }) => client)]) {
    await runCommand('ip', ['netns', 'add', name]);
    namespaces.push(name);
    await ip(name, 'link set lo up');
  }
  for (const { client, link, ours, theirs } of segments) {
    await ip(server, `link add ${link} type veth peer name eth0 netns ${client}`);
    await ip(server, `address add ${ours}/24 dev ${link}`);
    await ip(server, `link set ${link} up`);
    await ip(client, `address add ${theirs}/24 dev eth0`);
    await ip(client, 'link set eth0 up');
  }
});
afterEach(async () => {
  await Promise.all(programs.splice(0).map((program) => program.stop()));
});
afterAll(async () => {
  for (const name of namespaces) await runCommand('ip', ['netns', 'delete', name]);
  await rm(directory, { recursive: true, force: true });
});

function startServer(program: string, args: readonly string[], env: readonly string[] = []): RunningProgram {
  const command = ['env', ...env, process.execPath, source(program), ...args];
  const running = new RunningProgram('ip', inside(server, 'setpriv', '--pdeathsig', 'KILL', ...command));
  programs.push(running);
  return running;
}

const linesOf = (printed: string) =>
  printed
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as { type: string; [key: string]: unknown });
const until = (running: RunningProgram, type: string) =>
  running.until(type, 30_000, (printed) => linesOf(printed).find((line) => line.type === type));

/** A client on each segment asks once, and fetches the file that it was told of. */
async function bootOnEach(running: RunningProgram): Promise<void> {
  for (const [index, { client, ours, theirs }] of segments.entries()) {
    const asking = inside(client, process.execPath, source('boot-client-program.ts'), theirs, String(index + 1));
    expect(await runCommand('ip', asking)).toBe(`${ours} talos-amd64.efi\n`);
    const to = join(directory, `got-${index}`);
    const url = `tftp://${ours}/talos-amd64.efi`;
    await runCommand('ip', inside(client, 'curl', '--silent', '--show-error', '-o', to, url));
    expect((await readFile(to)).equals(content)).toBe(true);
  }
  expect(linesOf(running.printed).filter(({ type }) => type === 'broadcast')).toHaveLength(segments.length);
}

describe('the boot service on two interfaces', () => {
  it('answers each client on its own segment only, with the address of that interface', async () => {
    const running = startServer('boot-server-program.ts', [join(directory, 'uki'), ...named]);
    await until(running, 'ready');
    await bootOnEach(running);
  });

  it('refuses them where it cannot tell their broadcasts apart', async () => {
    const args = [join(directory, 'uki'), ...named];
    const running = startServer('boot-server-program.ts', args, ['RACKWRIGHT_NATIVE_SOCKETS=no']);
    expect(await until(running, 'fault')).toMatchObject({ code: 'pxe/interfaces-indistinct' });
  });

  it('works without rights and without koffi on sockets of the systemd unit', async () => {
    const unit = await readFile(source('../../packaging/systemd/rackwright-boot.socket'), 'utf8');
    const ports = [...unit.matchAll(/^ListenDatagram=0\.0\.0\.0:(\d+)$/gm)].map(([, port]) => port);
    expect(ports).toEqual(['67', '4011', '69']);
    expect(unit).toMatch(/^BindToDevice=eth1$/m);
    expect(unit).toMatch(/^FileDescriptorName=eth1$/m);
    const running = startServer('launch-program.ts', [ports.join(','), join(directory, 'uki'), ...named]);
    const dacReadSearch = 1 << 2;
    expect(await until(running, 'rights')).toMatchObject({
      user: 65534,
      capabilities: dacReadSearch.toString(16).padStart(16, '0'),
    });
    await until(running, 'ready');
    await bootOnEach(running);
  });

  it('says which right is missing without those sockets', async () => {
    const running = startServer('launch-program.ts', ['40067', join(directory, 'uki'), ...named.slice(0, 1)]);
    expect(await until(running, 'fault')).toMatchObject({ code: 'platform/port-forbidden' });
  });
});
