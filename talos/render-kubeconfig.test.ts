import { X509Certificate } from 'node:crypto';
import { KubeConfig } from '@kubernetes/client-node';
import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../test/fakes/virtual-clock.ts';
import { createAdminKubeconfig } from './render-kubeconfig.ts';
import { smallSecrets } from './testing/small-secrets.ts';
import { trueRandom } from './testing/true-random.ts';

const clock = new VirtualClock();

describe('createAdminKubeconfig', () => {
  it('is one that Kubernetes clients read, of an admin of one year', async () => {
    const secrets = await smallSecrets(clock);
    const request = { cluster: 'rack-1', endpoint: 'https://10.0.0.10:6443' };
    const config = new KubeConfig();
    config.loadFromString(await createAdminKubeconfig(secrets, request, { clock, random: trueRandom }));
    expect(config.getCurrentContext()).toBe('admin@rack-1');
    expect(config.getContextObject('admin@rack-1')).toMatchObject({ namespace: 'default', cluster: 'rack-1' });
    expect(config.getCurrentCluster()).toMatchObject({
      server: 'https://10.0.0.10:6443',
      caData: Buffer.from(secrets.kubernetesCa.crt).toString('base64'),
    });
    const certificate = new X509Certificate(Buffer.from(config.getCurrentUser()?.certData ?? '', 'base64'));
    expect(certificate.subject).toBe('O=system:masters\nCN=admin');
    expect(certificate.verify(new X509Certificate(secrets.kubernetesCa.crt).publicKey)).toBe(true);
    expect(certificate.validFromDate).toEqual(new Date('2025-12-31T23:59:50Z'));
    expect(certificate.validToDate).toEqual(new Date('2027-01-01T00:00:00Z'));
  });
});
