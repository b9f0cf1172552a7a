import { create } from '@bufbuild/protobuf';
import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { minutes } from '../core/millis.ts';
import { createAuthority } from '../talos/certificate.ts';
import { ListResponseSchema } from '../talos/gen/cosi/resource/state_pb.ts';
import { createClientKeys, renderSecretsFile, renderTalosconfig } from '../talos/index.ts';
import type { TalosSecrets } from '../talos/talos-secrets.ts';
import { leakFinder } from '../talos/testing/find-leaks.ts';
import { serveTalos, type TalosServer, type TalosServerOptions } from '../talos/testing/serve-talos.ts';
import { smallSecrets } from '../talos/testing/small-secrets.ts';
import { CliWorld } from '../test/fakes/cli-world.ts';
import { runCli } from './run-cli.ts';

const rackFile = (talos = 'v1.13.9', patch = '') => `
apiVersion: rackwright.dev/v1alpha1
kind: Rack
name: rack-7
talos: { version: ${talos} }
kubernetes: { version: v1.34.1 }
network: { interface: eth1, subnet: 127.108.0.0/24, vip: 127.108.0.10 }
boot: { uki: { amd64: a.efi } }
${patch}
machines:
  - { name: cp-1, role: controlplane, mac: '52:54:00:00:00:01', address: 127.108.0.1, disk: { serial: S1 } }
flux: { manifest: install.yaml, source: { kind: OCIRepository, url: 'oci://r/x', tag: latest } }
`;
const address = '127.108.0.1';

/** What goes wrong with keys and machines, met by the commands that an operator types. */
describe('bad input', () => {
  let world: CliWorld;
  let secrets: TalosSecrets;
  let others: TalosSecrets;

  const run = async (...argv: string[]) => {
    Object.assign(world.said, { out: '', err: '' });
    const exitCode = await runCli(argv, world);
    const said = world.said.out + world.said.err;
    expect(leakFinder(secrets)(said)).toEqual([]);
    return { exitCode, said };
  };
  const write = (name: string, text: string) => world.files.writeAtomically(`/work/${name}`, text, 0o600);
  const importSecrets = async (file: TalosSecrets) => {
    await write('secrets.yaml', renderSecretsFile(file));
    return run('secrets', 'import', 'rack.yaml', 'secrets.yaml');
  };

  beforeAll(async () => {
    const { clock } = realTime(new CliWorld());
    secrets = await smallSecrets(clock);
    others = await smallSecrets(clock);
  });
  beforeEach(async () => {
    world = realTime(new CliWorld());
    await write('rack.yaml', rackFile());
  });

  it.each<[string, (good: TalosSecrets, clientCertificate: string) => TalosSecrets, RegExp]>([
    [
      'whose authority has the key of another one',
      (good) => ({ ...good, osCa: { ...good.osCa, key: others.osCa.key } }),
      /certs\.os.*do not belong together/s,
    ],
    [
      'in which two authorities are exchanged',
      (good) => ({ ...good, etcdCa: { crt: good.etcdCa.crt, key: good.kubernetesCa.key } }),
      /certs\.etcd.*do not belong together/s,
    ],
    [
      'whose authority is only a client certificate',
      (good, crt) => ({ ...good, osCa: { ...good.osCa, crt } }),
      /not that of an authority/,
    ],
  ])('refuses to import secrets %s, and seals nothing', async (_what, spoil, words) => {
    const { cert } = await createClientKeys(secrets, { roles: ['os:admin'], hours: 1 }, world);
    const { exitCode, said } = await importSecrets(spoil(secrets, cert));
    expect([exitCode, said]).toEqual([4, expect.stringMatching(words)]);
    expect(said).toContain('talos/authority-unusable');
    expect([...world.files.contents.keys()].filter((path) => path.endsWith('.age'))).toEqual([]);
  });

  it('says that the authority of sealed secrets has expired, before it mints anything with it', async () => {
    await importSecrets(secrets);
    const later = world.clock.now().getTime() + minutes(60 * 24 * 365 * 11);
    Object.assign(world.clock, { now: () => new Date(later) });
    const { exitCode, said } = await run('talosconfig', 'rack.yaml');
    expect([exitCode, said]).toEqual([4, expect.stringContaining('talos/authority-expired')]);
    expect(world.files.contents.has('/work/rack-7.talosconfig')).toBe(false);
  });

  it('tells of a talosconfig that it has expired, or is of another cluster, and what to do', async () => {
    await importSecrets(secrets);
    await run('talosconfig', 'rack.yaml', '--days', '2');
    expect(await run('certs', 'rack.yaml', '--warn-days', '0')).toMatchObject({ exitCode: 0 });
    const past = world.clock.now().getTime() + minutes(60 * 72);
    Object.assign(world.clock, { now: () => new Date(past) });
    const expired = await run('certs', 'rack.yaml');
    expect([expired.exitCode, expired.said]).toEqual([2, expect.stringContaining('client-certificate-expired')]);
    expect(expired.said).toContain('Make a new client certificate');

    realTime(world);
    const keys = await createClientKeys(others, { roles: ['os:admin'], hours: 24 * 365 }, world);
    await write('rack-7.talosconfig', renderTalosconfig({ cluster: 'rack-7', endpoints: [address], keys }));
    const foreign = await run('certs', 'rack.yaml');
    expect([foreign.exitCode, foreign.said]).toEqual([2, expect.stringContaining('talos/other-cluster-keys')]);
  });

  it('takes no talosconfig from the environment: only the one of the rack, or one that is named', async () => {
    await write('elsewhere', 'contexts: [broken');
    Object.assign(world.env, { TALOSCONFIG: '/work/elsewhere', KUBECONFIG: '/work/elsewhere' });
    await importSecrets(secrets);
    expect(await run('talosconfig', 'rack.yaml')).toMatchObject({ exitCode: 0 });
    expect(await run('certs', 'rack.yaml')).toMatchObject({ exitCode: 0 });
    expect(await world.files.readText('/work/elsewhere')).toBe('contexts: [broken');
    const named = await run('talosconfig', 'rack.yaml', '--file', 'elsewhere');
    expect([named.exitCode, named.said]).toEqual([4, expect.stringContaining('talos/talosconfig-invalid')]);
    expect(await world.files.readText('/work/elsewhere')).toBe('contexts: [broken');
  });

  it('names a patch whose documents the Talos of the rack file does not know yet', async () => {
    const patch = `patches:
  all:
    - inline: { apiVersion: v1alpha1, kind: HostnameConfig, auto: stable }`;
    await write('rack.yaml', rackFile('v1.11.6', patch));
    const { exitCode, said } = await run('get', 'machines', 'rack.yaml', '--cached');
    expect([exitCode, said]).toEqual([4, expect.stringMatching(/patches\.all\[0\].*HostnameConfig/s)]);
  });

  describe('of a machine, when it is looked at', () => {
    let server: TalosServer | undefined;
    const serve = async (options: Partial<TalosServerOptions>) => {
      server = await serveTalos({
        authority: secrets.osCa,
        demandsClientCertificate: true,
        clock: world.clock,
        at: { address, port: 50_000 },
        ...options,
      });
    };
    const look = async () => {
      await importSecrets(secrets);
      const { exitCode, said } = await run('get', 'machines', 'rack.yaml');
      server?.close();
      expect(exitCode).toBe(0);
      return said;
    };
    afterAll(() => server?.close());

    it('does not believe another node of the cluster', async () => {
      await serve({ certifiedAddress: '127.108.0.9' });
      expect(await look()).toMatch(/At 127\.108\.0\.1:50000 answers another machine of the cluster/);
    });

    it('does not believe a node of another cluster', async () => {
      const authority = await createAuthority({ kind: 'ed25519', organization: 'talos' }, world);
      await serve({ authority });
      expect(await look()).toMatch(/127\.108\.0\.1:50000 is not of this cluster, its certificate is not ours/);
    });

    it('does not take a list that ended in the middle for a whole one', async () => {
      await serve({
        demandsClientCertificate: false,
        state: {
          list: (call) => {
            call.write(create(ListResponseSchema, { resource: { metadata: { id: 'sda' }, spec: { yamlSpec: '{}' } } }));
            call.emit('error', { code: status.UNAVAILABLE, details: 'connection lost' });
          },
        },
      });
      expect(await look()).toMatch(/127\.108\.0\.1.*did not answer List: connection lost/);
    });

    it('does not take a disk that it cannot read for one that is not there', async () => {
      const disk = { type: 'Disks.block.talos.dev', id: 'sda', yaml: 'size: large\n' };
      await serve({ demandsClientCertificate: false, resources: [disk] });
      expect(await look()).toMatch(/The answer of 127\.108\.0\.1:50000 to List cannot be read: Disks.* sda at size/);
    });
  });
});

/** OpenSSL judges certificates by the real time. */
const realTime = (world: CliWorld) => {
  Object.assign(world.clock, { now: () => new Date() });
  return world;
};
