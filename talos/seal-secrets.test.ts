import { describe, expect, it } from 'vitest';
import { createSealIdentity, openSecrets, sealSecrets } from './seal-secrets.ts';

describe('sealed secrets', () => {
  it('open with the identity that they were sealed with, and are armored text', async () => {
    const identity = await createSealIdentity();
    const sealed = await sealSecrets('cluster: {}\n', identity);
    expect(sealed).toMatch(/^-----BEGIN AGE ENCRYPTED FILE-----\n/);
    expect(sealed).not.toContain('cluster');
    expect(await openSecrets(sealed, identity)).toBe('cluster: {}\n');
  });

  it('open with a key file that holds their identity among others', async () => {
    const [one, two, three] = await Promise.all([createSealIdentity(), createSealIdentity(), createSealIdentity()]);
    const keyFile = `# created: 2026-01-01T00:00:00Z\n${one}\r\n\n# public key: age1\n${two}\n`;
    expect(await openSecrets(await sealSecrets('text', two), keyFile)).toBe('text');
    await expect(openSecrets(await sealSecrets('text', three), keyFile)).rejects.toThrow();
  });

  it('do not open with another identity, with none, or when they were changed', async () => {
    const identity = await createSealIdentity();
    const sealed = await sealSecrets('text', identity);
    const other = await createSealIdentity();
    const attempts: [sealed: string, identity: string][] = [
      [sealed, other],
      [sealed, 'not an identity'],
      ['not armored', identity],
      [sealed.replace(/.\n-----END/, '!\n-----END'), identity],
    ];
    for (const attempt of attempts) {
      await expect(openSecrets(...attempt)).rejects.toMatchObject({ code: 'talos/secrets-locked' });
    }
  });
});
