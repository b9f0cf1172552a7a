import { status } from '@grpc/grpc-js';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { supportedTalosMinors } from '../core/rack-spec.ts';
import { VirtualClock } from '../test/fakes/virtual-clock.ts';
import { checkSecrets } from './check-secrets.ts';
import { checkTalosKeys } from './check-talos-keys.ts';
import { createAdminKeys } from './client-certificate.ts';
import { faultOfGrpc } from './grpc-fault.ts';
import { listCertificates } from './list-certificates.ts';
import { mergeTalosconfig } from './merge-talosconfig.ts';
import { parseTalosconfig } from './parse-talosconfig.ts';
import { redactorFor } from './redact-config.ts';
import { createAdminKubeconfig } from './render-kubeconfig.ts';
import { renderMachineConfig } from './render-machine-config.ts';
import { renderTalosconfig } from './render-talosconfig.ts';
import { createSealIdentity, openSecrets, sealSecrets } from './seal-secrets.ts';
import { parseSecretsFile, renderSecretsFile } from './secrets-file.ts';
import type { TalosSecrets } from './talos-secrets.ts';
import { exampleRequest, exampleSpec } from './testing/example-request.ts';
import { everythingOf, leakFinder } from './testing/find-leaks.ts';
import { smallSecrets } from './testing/small-secrets.ts';
import { trueRandom } from './testing/true-random.ts';

const clock = new VirtualClock();
const ports = { clock, random: trueRandom };
const late = { now: () => new Date('2050-01-01T00:00:00Z') };

/** What an editor, a disk or a person does to a text. */
const damage = fc.record({
  at: fc.nat(),
  length: fc.nat({ max: 400 }),
  by: fc.constantFrom('', ' ', '\n', ':', '- ', '[', '"', '\t', '&a ', '!!x '),
});
const damaged = (text: string, { at, length, by }: { at: number; length: number; by: string }) => {
  const from = at % text.length;
  return text.slice(0, from) + by + text.slice(from + length);
};

describe('no secret', () => {
  let secrets: TalosSecrets;
  let identity: string;
  let texts: Record<'secrets' | 'talosconfig' | 'kubeconfig', string>;
  let leaksIn: (text: string) => string[];
  beforeAll(async () => {
    [secrets, identity] = await Promise.all([smallSecrets(clock), createSealIdentity()]);
    secrets = { ...secrets, clusterSecret: random(), secretboxEncryptionSecret: random() };
    const keys = await createAdminKeys(secrets, ports);
    texts = {
      secrets: renderSecretsFile(secrets),
      talosconfig: renderTalosconfig({ cluster: 'rack-1', endpoints: ['10.0.0.11'], keys }),
      kubeconfig: await createAdminKubeconfig(secrets, { cluster: 'rack-1', endpoint: 'https://x:6443' }, ports),
    };
    leaksIn = leakFinder(secrets, { identity, clientKey: keys.key });
  });
  const random = () => Buffer.from(trueRandom.bytes(32)).toString('base64');
  /** What the operator would be shown of it, if it is refused. */
  const shownOf = (attempt: () => unknown): string => {
    try {
      attempt();
      return '';
    } catch (thrown) {
      return everythingOf(thrown);
    }
  };

  it('is missed by the finder', () => {
    expect(leaksIn(texts.secrets)).toHaveLength(9);
    expect(leaksIn(texts.talosconfig)).toEqual(['clientKey']);
    expect(leaksIn(secrets.osCa.crt + secrets.kubernetesCa.crt)).toEqual([]);
    expect(leaksIn(`unknown token ${secrets.trustdToken.slice(0, 18)}`)).toEqual(['trustdToken']);
  });

  it('is in what is said of a secrets file, a talosconfig or a kubeconfig that was damaged anywhere', () => {
    const readers: [text: string, read: (text: string) => unknown][] = [
      [texts.secrets, (text) => checkSecrets(parseSecretsFile(text), late)],
      [texts.secrets, (text) => checkSecrets(parseSecretsFile(text), clock)],
      [
        texts.talosconfig,
        (text) => parseTalosconfig(text).contexts.map(({ keys }) => keys && checkTalosKeys(keys, late, secrets)),
      ],
      [
        texts.talosconfig,
        (text) => mergeTalosconfig(text, { cluster: 'x', endpoints: [], keys: { ca: '', cert: '', key: '' } }),
      ],
      [texts.kubeconfig, (text) => listCertificates({ kubeconfig: text }, clock)],
    ];
    for (const [text, read] of readers) {
      let refused = 0;
      fc.assert(
        fc.property(damage, (how) => {
          const shown = shownOf(() => read(damaged(text, how)));
          if (shown !== '') refused += 1;
          expect(leaksIn(shown)).toEqual([]);
        }),
        { numRuns: 200 },
      );
      expect(refused).toBeGreaterThan(10);
    }
  });

  it('is in a list of certificates', () => {
    const talosconfig = parseTalosconfig(texts.talosconfig);
    const list = listCertificates({ secrets, talosconfig, kubeconfig: texts.kubeconfig }, clock);
    expect(list).toHaveLength(8);
    expect(leaksIn(everythingOf(list))).toEqual([]);
  });

  it('is in sealed secrets, or in what is said when they do not open', async () => {
    const sealed = await sealSecrets(texts.secrets, identity);
    expect(leaksIn(sealed)).toEqual([]);
    const other = await createSealIdentity();
    const attempts: [sealed: string, identity: string][] = [
      [sealed, other],
      [sealed.slice(0, -90), identity],
      [texts.secrets, identity],
      [sealed, `${identity}x`],
    ];
    for (const attempt of attempts) {
      const thrown: unknown = await openSecrets(...attempt).catch((reason: unknown) => reason);
      expect(thrown).toMatchObject({ code: 'talos/secrets-locked' });
      expect(leaksIn(everythingOf(thrown))).toEqual([]);
    }
  });

  it.each(
    supportedTalosMinors.flatMap((minor) =>
      (['controlplane', 'worker'] as const).map((role) => [minor, role] as const),
    ),
  )('is in what a machine says of the config that Talos %s gets for a %s', (minor, role) => {
    const config = renderMachineConfig({ ...exampleRequest(role, exampleSpec({ talos: `${minor}.0` })), secrets });
    expect(leaksIn(config).length).toBeGreaterThan(2);
    const redact = redactorFor(config);
    const quotes = [config, JSON.stringify(config), config.replaceAll('\n', '\n\t> '), ...config.split('\n')];
    for (const details of [...quotes, ...quotes.map((quote) => quote.trim())]) {
      const fault = faultOfGrpc(
        { code: status.INVALID_ARGUMENT, details },
        { at: 'x:50000', call: 'ApplyConfiguration', redact },
      );
      expect(leaksIn(everythingOf(fault))).toEqual([]);
    }
    expect(redact('hostname: node-1, address 10.0.0.11')).toBe('hostname: node-1, address 10.0.0.11');
  });

  it('of an authority is in the config of a worker', () => {
    for (const minor of supportedTalosMinors) {
      const config = renderMachineConfig({
        ...exampleRequest('worker', exampleSpec({ talos: `${minor}.0` })),
        secrets,
      });
      expect(leaksIn(config).sort(), minor).toEqual(['bootstrapToken', 'clusterSecret', 'trustdToken']);
    }
  });
});
