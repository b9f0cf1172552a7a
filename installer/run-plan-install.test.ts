import { describe, expect, it } from 'vitest';
import { MemoryFiles } from '../test/fakes/memory-files.ts';
import { healthySpec } from './checks/testing/healthy-rack.ts';
import type { OpenRack } from './open-rack.ts';
import { rackFileDigest } from './run-plan-install.ts';

describe('rackFileDigest', () => {
  const spec = { ...healthySpec, flux: { ...healthySpec.flux, manifest: 'flux/install.yaml' } };
  const texts = { '/rack/rack.yaml': 'a', '/rack/flux/install.yaml': 'b', '/rack/rackwright.lock': 'c' };

  const digest = async (changed: Readonly<Record<string, string>> = {}, of = spec) => {
    const files = new MemoryFiles();
    for (const [path, text] of Object.entries({ ...texts, ...changed })) await files.writeAtomically(path, text, 0o600);
    const open = { options: { rackFile: { spec: of }, directory: '/rack' }, ports: { files } } as unknown as OpenRack;
    return rackFileDigest(open, '/rack/rack.yaml');
  };

  it('is the same for the same files', async () => {
    expect(await digest()).toBe(await digest());
  });

  it.each(Object.keys(texts))('is another one when %s has changed', async (path) => {
    expect(await digest({ [path]: 'other' })).not.toBe(await digest());
  });

  it('is another one when what the rack file comes to has changed', async () => {
    expect(await digest({}, { ...spec, name: 'other' })).not.toBe(await digest());
  });
});
