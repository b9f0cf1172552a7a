import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../test/fakes/virtual-clock.ts';
import { createClientKeys } from './client-certificate.ts';
import { listCertificates, unreadableCertificates } from './list-certificates.ts';
import { parseTalosconfig } from './parse-talosconfig.ts';
import { createAdminKubeconfig } from './render-kubeconfig.ts';
import { renderTalosconfig } from './render-talosconfig.ts';
import { smallSecrets } from './testing/small-secrets.ts';
import { trueRandom } from './testing/true-random.ts';

const clock = new VirtualClock();
const ports = { clock, random: trueRandom };

describe('listCertificates', () => {
  it('names every certificate with the days that it has left, the most urgent first', async () => {
    const secrets = await smallSecrets(clock);
    const keys = await createClientKeys(secrets, { roles: ['os:operator', 'os:admin'], hours: 36 }, ports);
    const kubeconfig = await createAdminKubeconfig(secrets, { cluster: 'rack-1', endpoint: 'https://x:6443' }, ports);
    const talosconfig = parseTalosconfig(renderTalosconfig({ cluster: 'rack-1', endpoints: [], keys }));
    const sources = { secrets, talosconfig, kubeconfig };
    expect(listCertificates(sources, clock).map(({ name, subject, daysLeft }) => [name, subject, daysLeft])).toEqual([
      ['talosconfig: client of context rack-1', 'O=os:admin + O=os:operator', 1],
      ['kubeconfig: client of user admin@rack-1', 'O=system:masters, CN=admin', 365],
      ['secrets: authority of the Talos API (certs.os)', 'O=talos', 3650],
      ['secrets: authority of Kubernetes (certs.k8s)', 'O=kubernetes', 3650],
      ['secrets: authority of etcd (certs.etcd)', 'O=etcd', 3650],
      ['secrets: authority of the API aggregator (certs.k8saggregator)', '(empty)', 3650],
      ['talosconfig: authority of context rack-1', 'O=talos', 3650],
      ['kubeconfig: authority of cluster rack-1', 'O=kubernetes', 3650],
    ]);
    const later = { now: () => new Date('2026-01-02T12:00:01Z') };
    expect(listCertificates({ talosconfig }, later)[0]).toMatchObject({ daysLeft: -1 });
  });

  it('lists each authority of a bundle, and leaves out users without a certificate', async () => {
    const [one, two] = await Promise.all([smallSecrets(clock), smallSecrets(clock)]);
    const ca = Buffer.from(one.kubernetesCa.crt + two.kubernetesCa.crt).toString('base64');
    const kubeconfig = `clusters: [{name: a, cluster: {certificate-authority-data: ${ca}}}]\nusers: [{name: u, user: {token: x}}]\n`;
    expect(listCertificates({ kubeconfig }, clock)).toHaveLength(2);
  });

  it('leaves out none without a word: what cannot be read is told by its name', () => {
    const base64 = (text: string) => Buffer.from(text).toString('base64');
    const broken = base64('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
    const user = (name: string, data: string) => `{name: ${name}, user: {client-certificate-data: ${data}}}`;
    const users = [user('cut', broken), user('other', base64('no PEM')), '{name: token, user: {token: x}}'];
    const kubeconfig = `clusters: []\nusers: [${users.join(', ')}]\n`;
    expect(listCertificates({ kubeconfig }, clock)).toEqual([]);
    expect(unreadableCertificates({ kubeconfig })).toEqual([
      'kubeconfig: client of user cut',
      'kubeconfig: client of user other',
    ]);
  });

  it('refuses a kubeconfig that is none', () => {
    expect(() => listCertificates({ kubeconfig: 'clusters: CANARY' }, clock)).toThrow(
      expect.objectContaining({ code: 'talos/kubeconfig-invalid' }),
    );
  });
});
