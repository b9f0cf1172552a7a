import { describe, expect, it } from 'vitest';
import { configDocument } from './config-document.ts';

describe('configDocument', () => {
  it('gives the fields with version and kind before them', () => {
    expect(configDocument('v1.12', 'StaticHostConfig', { name: '10.0.0.20', hostnames: ['registry'] })).toEqual({
      apiVersion: 'v1alpha1',
      kind: 'StaticHostConfig',
      name: '10.0.0.20',
      hostnames: ['registry'],
    });
  });

  it('refuses a kind that came later, and says with which Talos', () => {
    expect(() => configDocument('v1.13', 'SysctlConfig', { params: {} })).toThrow(
      expect.objectContaining({
        code: 'talos/document-too-new',
        message: 'SysctlConfig cannot be in a config for Talos v1.13: the kind came with v1.14',
      }),
    );
  });

  it('refuses fields and values that came later than their kind, also inside lists, and names all of them', () => {
    const encryption = { provider: 'luks2' as const, keys: [{ slot: 0, tpm: { options: { pcrs: [7] } } }] };
    const fields = { name: 'data', volumeType: 'disk' as const, filesystem: { type: 'btrfs' as const }, encryption };
    expect(() => configDocument('v1.11', 'UserVolumeConfig', fields)).toThrow(
      /: volumeType came with v1\.12, filesystem\.type=btrfs came with v1\.14, encryption\.keys\.tpm\.options came with v1\.12$/,
    );
    expect(() => configDocument('v1.12', 'UserVolumeConfig', fields)).toThrow(
      /: filesystem\.type=btrfs came with v1\.14$/,
    );
    expect(configDocument('v1.14', 'UserVolumeConfig', fields)).toMatchObject(fields);
    const older = { ...fields, volumeType: undefined, filesystem: { type: 'xfs' as const } };
    expect(configDocument('v1.12', 'UserVolumeConfig', older)).toMatchObject({ filesystem: { type: 'xfs' } });
  });

  it('refuses what has not the form of its kind, with the place of each problem', () => {
    const fields = { name: 'bond0', links: 'enp1s0', bondMode: 'best', speed: 1 } as never;
    expect(() => configDocument('v1.13', 'BondConfig', fields)).toThrow(
      expect.objectContaining({
        code: 'talos/document-malformed',
        message: expect.stringMatching(/links: .*bondMode: .*the document: .*speed/) as string,
      }),
    );
  });
});
