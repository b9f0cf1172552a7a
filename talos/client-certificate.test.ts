import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { VirtualClock } from '../test/fakes/virtual-clock.ts';
import { createAuthority } from './certificate.ts';
import { createAdminKeys } from './client-certificate.ts';
import { renderTalosconfig } from './render-talosconfig.ts';
import { trueRandom } from './testing/true-random.ts';

const ports = { clock: new VirtualClock(), random: trueRandom };

describe('createAdminKeys', () => {
  it('makes an admin of one year, who can prove it to whoever knows the authority', async () => {
    const osCa = await createAuthority({ kind: 'ed25519', organization: 'talos' }, ports);
    const keys = await createAdminKeys({ osCa }, ports);
    const certificate = new X509Certificate(keys.cert);
    expect(certificate.subject).toBe('O=os:admin');
    expect(certificate.verify(new X509Certificate(keys.ca).publicKey)).toBe(true);
    // A machine whose clock is a few seconds behind takes it too; its life is that of talosctl's.
    expect(certificate.validFromDate).toEqual(new Date('2025-12-31T23:59:50Z'));
    expect(certificate.validToDate).toEqual(new Date('2026-12-31T23:59:50Z'));
    expect(keys.ca).toBe(osCa.crt);
    expect(keys.key).not.toBe(osCa.key);
  });
});

describe('renderTalosconfig', () => {
  it('has one context, named after the cluster, with the keys in base64', () => {
    const keys = { ca: 'ca\n', cert: 'cert\n', key: 'key\n' };
    const text = renderTalosconfig({ cluster: 'rack-1', endpoints: ['10.0.0.11', '10.0.0.12'], keys });
    expect(parse(text)).toEqual({
      context: 'rack-1',
      contexts: {
        'rack-1': { endpoints: ['10.0.0.11', '10.0.0.12'], ca: 'Y2EK', crt: 'Y2VydAo=', key: 'a2V5Cg==' },
      },
    });
  });
});
