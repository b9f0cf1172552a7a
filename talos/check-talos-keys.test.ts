import { beforeAll, describe, expect, it } from 'vitest';
import { VirtualClock } from '../test/fakes/virtual-clock.ts';
import { createLeaf } from './certificate.ts';
import { checkTalosKeys } from './check-talos-keys.ts';
import { createClientKeys } from './client-certificate.ts';
import type { TalosKeys } from './talos-keys.ts';
import type { TalosSecrets } from './talos-secrets.ts';
import { smallSecrets } from './testing/small-secrets.ts';
import { trueRandom } from './testing/true-random.ts';

const clock = new VirtualClock();
const ports = { clock, random: trueRandom };
const at = (text: string) => ({ now: () => new Date(text) });

describe('checkTalosKeys', () => {
  let secrets: TalosSecrets;
  let other: TalosSecrets;
  let keys: TalosKeys;
  beforeAll(async () => {
    [secrets, other] = await Promise.all([smallSecrets(clock), smallSecrets(clock)]);
    keys = await createClientKeys(secrets, { roles: ['os:reader'], hours: 24 }, ports);
  });
  const refused = (change: Partial<TalosKeys>, message: RegExp) =>
    expect(() => checkTalosKeys({ ...keys, ...change }, clock)).toThrow(
      expect.objectContaining({
        code: 'talos/client-certificate-unusable',
        message: expect.stringMatching(message) as string,
      }),
    );

  it('takes keys within their time only', () => {
    expect(() => checkTalosKeys(keys, clock, secrets)).not.toThrow();
    expect(() => checkTalosKeys(keys, at('2026-01-01T23:59:49Z'))).not.toThrow();
    expect(() => checkTalosKeys(keys, at('2026-01-02T00:00:00Z'))).toThrow(
      expect.objectContaining({
        code: 'talos/client-certificate-expired',
        kind: 'operator',
        remedy: expect.stringContaining('Make a new client certificate') as string,
      }),
    );
    expect(() => checkTalosKeys(keys, at('2025-12-31T00:00:00Z'))).toThrow(/only from/);
  });

  it('takes keys while an authority is rotated, when two of them stand beside the certificate', () => {
    expect(() => checkTalosKeys({ ...keys, ca: other.osCa.crt + secrets.osCa.crt }, clock)).not.toThrow();
  });

  it('names keys of another cluster as such', () => {
    expect(() => checkTalosKeys(keys, clock, other)).toThrow(
      expect.objectContaining({ code: 'talos/other-cluster-keys' }),
    );
  });

  it('refuses an authority that did not sign, a key of another certificate, and what cannot be read', () => {
    refused({ ca: other.osCa.crt }, /did not sign/);
    refused({ ca: 'CANARY' }, /did not sign/);
    refused({ key: other.osCa.key }, /of another certificate/);
    refused({ key: 'CANARY' }, /key cannot be read/);
    refused({ cert: 'CANARY' }, /cannot be read/);
  });

  it('refuses a certificate for servers, as machines do', async () => {
    const server = await createLeaf({ authority: secrets.osCa, usage: 'server', hours: 1 }, ports);
    refused({ cert: server.crt, key: server.key }, /clients only/);
  });
});
