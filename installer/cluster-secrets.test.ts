import { describe, expect, it } from 'vitest';
import { MemoryFiles } from '../test/fakes/memory-files.ts';
import { VirtualClock } from '../test/fakes/virtual-clock.ts';
import { clusterSecrets } from './cluster-secrets.ts';

const path = '/state/secrets.age';
const identityPath = '/config/age.key';

function site(files = new MemoryFiles()) {
  const random = { bytes: (count: number) => crypto.getRandomValues(new Uint8Array(count)) };
  return { files, secrets: clusterSecrets({ path, identityPath, files, clock: new VirtualClock(), random }) };
}

describe('clusterSecrets', () => {
  it('has none before they are minted, and the same ones in every later run', async () => {
    const { files, secrets } = site();
    expect(await secrets.read()).toBeUndefined();
    expect(await secrets.keys()).toBeUndefined();
    await secrets.mint();
    const minted = await secrets.read();
    expect(await site(files).secrets.read()).toEqual(minted);
    expect(files.contents.get(path)?.mode).toBe(0o600);
    expect(files.contents.get(identityPath)?.mode).toBe(0o600);
    const sealed = (await files.readText(path)) ?? '';
    expect(sealed).toContain('BEGIN AGE ENCRYPTED FILE');
    expect(sealed).not.toContain(minted?.clusterSecret);
  });

  it('seals to the identity that is there, and leaves it alone', async () => {
    const first = site();
    await first.secrets.mint();
    const identity = `# created: 2026-01-01\n${(await first.files.readText(identityPath)) ?? ''}`;
    const second = site();
    await second.files.writeAtomically(identityPath, identity, 0o600);
    await second.secrets.mint();
    expect(await second.files.readText(identityPath)).toBe(identity);
    expect(await site(second.files).secrets.read()).toBeDefined();
  });

  it.each([path, identityPath])('refuses %s when others may read it', async (open) => {
    const { files, secrets } = site();
    await secrets.mint();
    files.contents.set(open, { ...files.contents.get(open)!, mode: 0o640 });
    await expect(site(files).secrets.read()).rejects.toMatchObject({
      code: 'installer/secrets-too-open',
      exitCode: 3,
      remedy: `Run: chmod 600 ${open}`,
    });
  });

  it('says when the identity is gone, and never seals to a file that holds none', async () => {
    const { files, secrets } = site();
    await secrets.mint();
    files.contents.delete(identityPath);
    await expect(site(files).secrets.read()).rejects.toMatchObject({ code: 'installer/identity-missing' });
    const other = site();
    await other.files.writeAtomically(identityPath, 'not an identity\n', 0o600);
    await expect(other.secrets.mint()).rejects.toMatchObject({ code: 'installer/identity-missing' });
    expect(await other.files.readText(identityPath)).toBe('not an identity\n');
  });
});
