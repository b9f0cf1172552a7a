import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { checkSecrets } from '../../talos/check-secrets.ts';
import { checkTalosKeys } from '../../talos/check-talos-keys.ts';
import { createClientKeys } from '../../talos/client-certificate.ts';
import {
  createAdminKeys,
  createSealIdentity,
  createSecrets,
  openSecrets,
  parseSecretsFile,
  renderSecretsFile,
  renderTalosconfig,
  sealSecrets,
  type TalosSecrets,
} from '../../talos/index.ts';
import { listCertificates } from '../../talos/list-certificates.ts';
import { mergeTalosconfig } from '../../talos/merge-talosconfig.ts';
import { parseTalosconfig } from '../../talos/parse-talosconfig.ts';
import { createAdminKubeconfig } from '../../talos/render-kubeconfig.ts';
import { trueRandom } from '../../talos/testing/true-random.ts';
import { VirtualClock } from '../fakes/virtual-clock.ts';
import { type PkiOracle, pkiOracle, pkiOracleVersions } from './pki-oracle.ts';

/** Go judges certificates by the real time. */
const clock = Object.assign(new VirtualClock(), { now: () => new Date() });
const ports = { clock, random: trueRandom };
const contractOf = (talos: string) => talos.split('.').slice(0, 2).join('.');

describe.each(pkiOracleVersions)('the keys of Talos $talos', (version) => {
  let ask: PkiOracle;
  let secrets: TalosSecrets;
  beforeAll(async () => {
    [ask, secrets] = await Promise.all([pkiOracle(version), createSecrets(ports)]);
  });
  const created = async (contract = contractOf(version.talos)) => (await ask({ contract, create: true })).created!;

  it('are like ours: every authority, the admin of Talos and the admin of Kubernetes', async () => {
    const theirs = await created();
    const keys = await createAdminKeys(secrets, ports);
    const answer = await ask({
      secrets: renderSecretsFile(secrets),
      talosconfig: renderTalosconfig({ cluster: 'rack-1', endpoints: ['10.0.0.11'], keys }),
      kubeconfig: await createAdminKubeconfig(
        secrets,
        { cluster: 'rack-1', endpoint: 'https://10.0.0.10:6443' },
        ports,
      ),
    });
    expect(answer.secrets).toMatchObject({ error: '', authorities: theirs.authorities });
    expect(answer.talosconfig).toMatchObject({
      error: '',
      context: 'rack-1',
      contexts: { 'rack-1': { error: '', endpoints: ['10.0.0.11'], nodes: null } },
    });
    expect(answer.talosconfig?.contexts['rack-1']?.client).toEqual(theirs.admin);
    expect(answer.kubeconfig).toMatchObject({ error: '', context: 'admin@rack-1', server: 'https://10.0.0.10:6443' });
    expect(answer.kubeconfig?.client).toEqual(theirs.kubernetesAdmin);
    // What the comparison is worth: the facts are there, and tell these apart.
    expect(theirs.authorities['os']).toMatchObject({ subject: 'O=talos', seconds: 87_600 * 3600, keyUsage: 33 });
    expect(theirs.kubernetesAdmin).toMatchObject({ subject: 'CN=admin,O=system:masters', keyUsage: 5 });
    expect(theirs.admin).toMatchObject({ subject: 'O=os:admin', keyUsage: 1, extKeyUsages: [2], seconds: 8760 * 3600 });
  });

  it.each(['v1.2', 'v1.6', undefined])(
    'are read by us, written by us and read by Talos again (contract %s)',
    async (contract) => {
      const theirs = await created(contract);
      const read = parseSecretsFile(theirs.secrets);
      expect(() => checkSecrets(read, clock)).not.toThrow();
      expect(read.aescbcEncryptionSecret !== undefined).toBe(contract === 'v1.2');
      const written = renderSecretsFile(read);
      expect(parse(written)).toEqual(parse(theirs.secrets));
      const answer = await ask({ secrets: written });
      expect(answer.secrets).toMatchObject({ error: '', authorities: theirs.authorities, rewritten: theirs.secrets });
      const { contexts, context } = parseTalosconfig(theirs.talosconfig);
      expect({ context, contexts }).toMatchObject({ context: 'rack-1', contexts: [{ endpoints: ['10.0.0.11'] }] });
      expect(() => checkTalosKeys(contexts[0]!.keys!, clock, read)).not.toThrow();
      expect(
        listCertificates({ secrets: read, talosconfig: { contexts } }, clock).map(({ daysLeft }) => daysLeft),
      ).toEqual([364, 3649, 3649, 3649, 3649, 3649]);
    },
  );

  it('sign clients of any role under the authorities of Talos, and Talos takes them', async () => {
    const read = parseSecretsFile((await created()).secrets);
    const keys = await createClientKeys(read, { roles: ['os:reader', 'os:etcd:backup'], hours: 1 }, ports);
    const answer = await ask({ talosconfig: renderTalosconfig({ cluster: 'c', endpoints: [], keys }) });
    expect(answer.talosconfig?.contexts['c']).toMatchObject({
      error: '',
      client: { subject: 'O=os:etcd:backup+O=os:reader', seconds: 3600 },
    });
  });

  it('stay in a talosconfig that we add a context to', async () => {
    const theirs = await created();
    const keys = await createAdminKeys(secrets, ports);
    const merged = mergeTalosconfig(theirs.talosconfig, { cluster: 'rack-1', endpoints: ['10.0.0.12'], keys });
    const { talosconfig } = await ask({ talosconfig: merged.text });
    expect(talosconfig).toMatchObject({
      context: 'rack-1-1',
      contexts: {
        'rack-1': { error: '', endpoints: ['10.0.0.11'] },
        'rack-1-1': { error: '', endpoints: ['10.0.0.12'] },
      },
    });
  });

  it('are refused by Talos when we refuse them: an expired client, and one of another authority', async () => {
    const old = { now: () => new Date(Date.now() - 2 * 3_600_000) };
    const late = await createClientKeys(
      secrets,
      { roles: ['os:admin'], hours: 1 },
      { ...ports, clock: Object.assign(new VirtualClock(), old) },
    );
    const foreign = {
      ...(await createAdminKeys(secrets, ports)),
      ca: parseSecretsFile((await created()).secrets).osCa.crt,
    };
    for (const [keys, theirs, ours] of [
      [late, /expired/, 'talos/client-certificate-expired'],
      [foreign, /unknown authority/, 'talos/client-certificate-unusable'],
    ] as const) {
      const { talosconfig } = await ask({ talosconfig: renderTalosconfig({ cluster: 'c', endpoints: [], keys }) });
      expect(talosconfig?.contexts['c']?.error).toMatch(theirs);
      expect(() => checkTalosKeys(keys, clock)).toThrow(expect.objectContaining({ code: ours }));
    }
  });

  it('are refused by Talos when we refuse them: secrets with a foreign key, or with a part missing', async () => {
    const other = parseSecretsFile((await created()).secrets);
    const mixed = { ...secrets, osCa: { crt: secrets.osCa.crt, key: other.osCa.key } };
    expect((await ask({ secrets: renderSecretsFile(mixed) })).secrets?.error).toMatch(/key/);
    expect(() => checkSecrets(mixed, clock)).toThrow(/do not belong together/);
    const whole = renderSecretsFile(secrets);
    const parts = [
      / {4}id: .*\n/,
      / {4}bootstraptoken: .*\n/,
      / {4}secretboxencryptionsecret: .*\n/,
      / {4}token: .*\n/,
      / {8}key: .*\n/,
    ];
    for (const part of parts) {
      const broken = whole.replace(part, '');
      expect(broken).not.toBe(whole);
      expect((await ask({ secrets: broken })).secrets?.error, String(part)).not.toBe('');
      expect(() => parseSecretsFile(broken), String(part)).toThrow(
        expect.objectContaining({ code: 'talos/secrets-invalid' }),
      );
    }
  });
});

describe('sealed secrets', () => {
  it('open with age, and ours open what age sealed, with the key file of SOPS and age-keygen', async () => {
    const ask = await pkiOracle(pkiOracleVersions[2]);
    const identity = await createSealIdentity();
    const text = 'cluster: {}\n# 32 grüße\n'.repeat(5000);
    const identities = `# created: 2026-01-01T00:00:00Z\n# public key: age1…\n${identity}\n`;
    const { age } = await ask({ age: { identities, sealed: await sealSecrets(text, identity), text } });
    expect(age?.opened).toBe(text);
    expect(age?.recipient).toMatch(/^age1/);
    expect(await openSecrets(age!.sealed, identities)).toBe(text);
  });
});
