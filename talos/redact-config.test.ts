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

  it('knows the secrets of every document, also those that are part of a URL', () => {
    const config = [
      'kind: WireguardConfig\nprivateKey: CANARY-1=\npeers:\n  - publicKey: public=\n    presharedKey: CANARY-2=\n',
      'kind: VolumeConfig\nencryption:\n  keys:\n    - slot: 0\n      static:\n        passphrase: CANARY-3\n',
      'kind: RegistryAuthConfig\nusername: me\npassword: CANARY-4\nidentityToken: CANARY-5\nauth: CANARY-6\n',
      'kind: SideroLinkConfig\napiUrl: grpc://10.0.0.1:8081?jointoken=CANARY-7&x=y\nuniqueToken: CANARY-8\n',
      'kind: DiscoveryIdentityConfig\nclusterSecret: CANARY-9\n',
    ].join('---\n');
    const redacted = redactorFor(config)(config);
    expect(redacted).not.toContain('CANARY');
    for (const open of ['publicKey: public=', 'username: me', 'grpc://10.0.0.1:8081', 'slot: 0']) {
      expect(redacted).toContain(open);
    }
  });

  it('hides what an operator may have put a secret into: variables, arguments, files', () => {
    const config = [
      'apiVersion: v1alpha1\nkind: EnvironmentConfig\nvariables:\n  TOKEN_OF_OTHERS: CANARY-variable\n  DEBUG: "1"\n',
      'apiVersion: v1alpha1\nkind: ExtensionServiceConfig\nname: x\nconfigFiles:\n  - content: "pw=CANARY-content"\n    mountPath: /etc/x\n',
      'version: v1alpha1\nmachine:\n  sysctls:\n    kernel.x: CANARY-sysctl\n  network:\n    hostname: node-1\n',
    ].join('---\n');
    const redacted = redactorFor(config)(config);
    expect(redacted).not.toContain('CANARY');
    for (const open of ['TOKEN_OF_OTHERS', 'DEBUG: "1"', 'mountPath: /etc/x', 'hostname: node-1']) {
      expect(redacted).toContain(open);
    }
  });

  it('leaves a text as it is when there is nothing to hide, and survives what is no YAML', () => {
    expect(redactorFor('')('text')).toBe('text');
    expect(redactorFor('a: [b')('text')).toBe('text');
  });
});
