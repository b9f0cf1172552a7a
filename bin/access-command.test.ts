import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseTalosconfig, renderSecretsFile, talosRoles } from '../talos/index.ts';
import { smallSecrets } from '../talos/testing/small-secrets.ts';
import { CliWorld } from '../test/fakes/cli-world.ts';
import { runCli } from './run-cli.ts';

const rackFile = readFileSync('examples/three-nodes/rack.yaml', 'utf8');
const rack = (parse(rackFile) as { name: string }).name;

describe('the commands that open a cluster without asking a machine', () => {
  let world: CliWorld;
  let files: CliWorld['files'];

  const run = async (...argv: string[]) => {
    Object.assign(world.said, { out: '', err: '' });
    const exitCode = await runCli(argv, world);
    return { exitCode, said: world.said.out + world.said.err };
  };

  beforeEach(async () => {
    world = new CliWorld();
    ({ files } = world);
    const { clock } = world;
    await files.writeAtomically('/work/rack.yaml', rackFile, 0o644);
    const secrets = renderSecretsFile(await smallSecrets(clock));
    await files.writeAtomically('/work/secrets.yaml', secrets, 0o600);
  });

  it('take over the keys of a cluster, sealed, and give them back as they were', async () => {
    expect(await run('secrets', 'import', 'rack.yaml', 'secrets.yaml')).toMatchObject({ exitCode: 0 });
    const sealed = [...files.contents.keys()].find((path) => path.endsWith('secrets.age'));
    expect(await files.readText(sealed ?? '')).toContain('BEGIN AGE ENCRYPTED FILE');
    expect(await run('secrets', 'export', 'rack.yaml', 'again.yaml')).toMatchObject({ exitCode: 0 });
    expect(await files.readText('/work/again.yaml')).toBe(await files.readText('/work/secrets.yaml'));
    expect(files.contents.get('/work/again.yaml')?.mode).toBe(0o600);
  });

  it('replace no keys and overwrite no file', async () => {
    await run('secrets', 'import', 'rack.yaml', 'secrets.yaml');
    const second = await run('secrets', 'import', 'rack.yaml', 'secrets.yaml');
    expect(second).toMatchObject({ exitCode: 3, said: expect.stringContaining('installer/secrets-there') as string });
    const over = await run('secrets', 'export', 'rack.yaml', 'secrets.yaml');
    expect(over).toMatchObject({ exitCode: 4, said: expect.stringContaining('installer/file-there') as string });
  });

  it('mint nothing by a clock that nobody sets, until somebody says that it is right', async () => {
    await run('secrets', 'import', 'rack.yaml', 'secrets.yaml');
    world.host.isClockSynchronized = async () => false;
    for (const what of ['talosconfig', 'kubeconfig']) {
      const refused = await run(what, 'rack.yaml');
      expect(refused).toMatchObject({ exitCode: 3, said: expect.stringContaining('own-clock-unset') as string });
      expect([...files.contents.keys()].filter((path) => path.endsWith(what))).toEqual([]);
      expect(await run(what, 'rack.yaml', '--despite-clock')).toMatchObject({ exitCode: 0 });
    }
  });

  it('say in words what is missing', async () => {
    expect((await run('talosconfig', 'rack.yaml')).said).toContain('installer/no-secrets');
    expect(await run('secrets', 'import', 'rack.yaml', 'absent.yaml')).toMatchObject({ exitCode: 4 });
    expect(await run('certs', 'rack.yaml')).toMatchObject({ exitCode: 4 });
    expect(await run('certs', 'absent.yaml')).toMatchObject({ exitCode: 4 });
    expect(await run('talosconfig', 'rack.yaml', '--role', 'os:god')).toMatchObject({ exitCode: 4 });
  });

  it.each(talosRoles)('mint a client with the role %s beside the contexts that are there', async (role) => {
    await run('secrets', 'import', 'rack.yaml', 'secrets.yaml');
    await files.writeAtomically(
      '/work/mine',
      'context: other\ncontexts:\n    other:\n        endpoints: [10.9.9.9]\n',
      0o600,
    );
    expect(await run('talosconfig', 'rack.yaml', '--file', 'mine', '--role', role)).toMatchObject({ exitCode: 0 });
    const { context, contexts } = parseTalosconfig((await files.readText('/work/mine')) ?? '');
    expect([context, contexts.map(({ name }) => name)]).toEqual([rack, ['other', rack]]);
  });

  it('mint a kubeconfig, and never over that of another cluster', async () => {
    await run('secrets', 'import', 'rack.yaml', 'secrets.yaml');
    const path = `/work/${rack}.kubeconfig`;
    expect(await run('kubeconfig', 'rack.yaml', '--days', '7')).toMatchObject({ exitCode: 0 });
    expect(files.contents.get(path)?.mode).toBe(0o600);
    expect(await run('kubeconfig', 'rack.yaml')).toMatchObject({ exitCode: 0 });
    await files.writeAtomically(path, 'apiVersion: v1\nkind: Config\n', 0o600);
    expect(await run('kubeconfig', 'rack.yaml')).toMatchObject({ exitCode: 1 });
    expect(await files.readText(path)).toBe('apiVersion: v1\nkind: Config\n');
  });

  it('list every certificate with the days it has left, and ask for care by their exit code', async () => {
    await run('secrets', 'import', 'rack.yaml', 'secrets.yaml');
    await run('talosconfig', 'rack.yaml');
    expect(await run('certs', 'rack.yaml')).toMatchObject({ exitCode: 0 });
    await run('kubeconfig', 'rack.yaml', '--days', '7');
    const table = await run('certs', 'rack.yaml');
    expect(table.exitCode).toBe(2);
    expect(table.said.split('\n')[1]).toMatch(/^kubeconfig: client of user \S+ +2026-01-08 +7 +ends-soon$/);
    const list = JSON.parse((await run('certs', 'rack.yaml', '-o', 'json')).said) as { items: { verdict: string }[] };
    expect(list.items.map(({ verdict }) => verdict).filter((verdict) => verdict !== 'good')).toEqual(['ends-soon']);
    expect(list.items).toHaveLength(8);
  });
});
