import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { Fault } from '../core/fault.ts';
import { parseSecretsFile, renderSecretsFile } from './secrets-file.ts';
import { fakeSecrets } from './testing/fake-secrets.ts';

const faultOf = (text: string): Fault => {
  try {
    parseSecretsFile(text);
  } catch (thrown) {
    if (thrown instanceof Fault) return thrown;
  }
  throw new Error('no fault');
};

describe('the secrets file', () => {
  it('reads back what it wrote', () => {
    expect(parseSecretsFile(renderSecretsFile(fakeSecrets))).toEqual(fakeSecrets);
  });

  it('has the keys of talosctl, all in lower case, and PEM in base64', () => {
    const file = parse(renderSecretsFile(fakeSecrets)) as Record<string, Record<string, unknown>>;
    expect(Object.keys(file)).toEqual(['cluster', 'secrets', 'trustdinfo', 'certs']);
    expect(Object.keys(file['secrets'] ?? {})).toEqual(['bootstraptoken', 'secretboxencryptionsecret']);
    expect(Object.keys(file['certs'] ?? {})).toEqual(['etcd', 'k8s', 'k8saggregator', 'k8sserviceaccount', 'os']);
    expect(file['certs']?.['os']).toEqual({
      crt: Buffer.from(fakeSecrets.osCa.crt).toString('base64'),
      key: Buffer.from(fakeSecrets.osCa.key).toString('base64'),
    });
  });

  it('reads and writes secrets of clusters that are older than secretbox', () => {
    const { secretboxEncryptionSecret: _, ...rest } = fakeSecrets;
    const old = { ...rest, aescbcEncryptionSecret: 'aescbc-secret=' };
    expect(renderSecretsFile(old)).toContain('    aescbcencryptionsecret: aescbc-secret=\n');
    expect(renderSecretsFile(old)).not.toContain('secretbox');
    expect(parseSecretsFile(renderSecretsFile(old))).toEqual(old);
  });

  it('takes what looks like a number for the text that it is, and base64 in several lines', () => {
    const text = renderSecretsFile({ ...fakeSecrets, trustdToken: '123456.1234567890123456' })
      .replace('"123456.1234567890123456"', '123456.1234567890123456')
      .replace(/ crt: (.{8})(.*)/, ' crt: |\n            $1\n            $2');
    expect(parseSecretsFile(text)).toEqual({ ...fakeSecrets, trustdToken: '123456.1234567890123456' });
  });

  it('refuses both encryption secrets at once', () => {
    expect(
      faultOf(renderSecretsFile(fakeSecrets).replace('  secretbox', '  aescbcencryptionsecret: x\n    secretbox'))
        .message,
    ).toMatch(/exactly one/);
  });

  it('says which key is wrong, and never what stands there', () => {
    const text = renderSecretsFile(fakeSecrets).replace(fakeSecrets.bootstrapToken, 'TOP-SECRET');
    const fault = faultOf(text);
    expect(fault.code).toBe('talos/secrets-invalid');
    expect(fault.message).toContain('secrets.bootstraptoken');
    expect(fault.message).not.toContain('TOP-SECRET');
  });

  it('refuses what is no PEM, what has a part missing, and what is no YAML, without a word of it', () => {
    const texts = [
      renderSecretsFile(fakeSecrets).replace(/crt: .*/, 'crt: aGVsbG8='),
      renderSecretsFile(fakeSecrets).replace(/ {4}secretboxencryptionsecret: .*\n/, ''),
      'cluster: [TOP-SECRET',
      '',
    ];
    for (const text of texts) {
      const fault = faultOf(text);
      expect(fault.code).toBe('talos/secrets-invalid');
      expect(fault.message).not.toMatch(/TOP-SECRET|aGVsbG8=/);
    }
  });
});
