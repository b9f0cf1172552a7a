import { beforeAll, describe, expect, it } from 'vitest';
import { VirtualClock } from '../test/fakes/virtual-clock.ts';
import { createLeaf } from './certificate.ts';
import { checkSecrets } from './check-secrets.ts';
import type { TalosSecrets } from './talos-secrets.ts';
import { smallSecrets } from './testing/small-secrets.ts';
import { trueRandom } from './testing/true-random.ts';

const clock = new VirtualClock();
const after = (years: number) => ({ now: () => new Date(Date.UTC(2026 + years, 0, 1)) });

describe('checkSecrets', () => {
  let secrets: TalosSecrets;
  let other: TalosSecrets;
  beforeAll(async () => {
    [secrets, other] = await Promise.all([smallSecrets(clock), smallSecrets(clock)]);
  });
  const refused = (change: Partial<TalosSecrets>, message: RegExp) =>
    expect(() => checkSecrets({ ...secrets, ...change }, clock)).toThrow(
      expect.objectContaining({ code: 'talos/authority-unusable', message: expect.stringMatching(message) as string }),
    );

  it('takes secrets whose keys and certificates belong together, until an authority expires', () => {
    expect(() => checkSecrets(secrets, clock)).not.toThrow();
    expect(() => checkSecrets(secrets, after(9))).not.toThrow();
    expect(() => checkSecrets(secrets, after(10))).toThrow(
      expect.objectContaining({ code: 'talos/authority-expired', kind: 'operator' }),
    );
  });

  it('refuses the authority of another cluster under our key, whichever of the four it is', () => {
    for (const name of ['osCa', 'kubernetesCa', 'etcdCa', 'aggregatorCa'] as const) {
      refused({ [name]: { crt: other[name].crt, key: secrets[name].key } }, /do not belong together/);
    }
    refused({ osCa: { crt: secrets.osCa.crt, key: secrets.etcdCa.key } }, /Talos API .*do not belong together/);
  });

  it('refuses what cannot be read, and a certificate that may not sign', async () => {
    refused({ osCa: { ...secrets.osCa, crt: 'CANARY' } }, /certificate cannot be read/);
    refused({ etcdCa: { ...secrets.etcdCa, key: 'CANARY' } }, /etcd .*key cannot be read/);
    refused({ serviceAccountKey: 'CANARY' }, /service accounts .*key cannot be read/);
    const leaf = await createLeaf(
      { authority: secrets.osCa, usage: 'client', hours: 1 },
      { clock, random: trueRandom },
    );
    refused({ osCa: leaf }, /not that of an authority/);
  });
});
