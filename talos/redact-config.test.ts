import { describe, expect, it } from 'vitest';
import { redactorFor } from './redact-config.ts';
import { renderMachineConfig } from './render-machine-config.ts';
import { exampleRequest } from './testing/example-request.ts';
import { fakeSecrets } from './testing/fake-secrets.ts';

describe('redactorFor', () => {
  it('takes every secret of a machine config out of a text that quotes all of it', () => {
    const config = renderMachineConfig(exampleRequest('controlplane'));
    const quoted = redactorFor(config)(`error in: ${config}`);
    const keys = [fakeSecrets.osCa, fakeSecrets.etcdCa, fakeSecrets.kubernetesCa, fakeSecrets.aggregatorCa];
    const secrets = [
      fakeSecrets.trustdToken,
      fakeSecrets.bootstrapToken,
      fakeSecrets.clusterSecret,
      fakeSecrets.secretboxEncryptionSecret,
      ...[...keys.map(({ key }) => key), fakeSecrets.serviceAccountKey].map((pem) =>
        Buffer.from(pem).toString('base64'),
      ),
    ];
    for (const secret of secrets) {
      expect(config).toContain(secret);
      expect(quoted).not.toContain(secret);
    }
    expect(quoted).toContain('hostname: node-1');
  });

  it('leaves a text as it is when there is nothing to hide, and survives what is no YAML', () => {
    expect(redactorFor('')('text')).toBe('text');
    expect(redactorFor('a: [b')('text')).toBe('text');
  });
});
