import { describe, expect, it } from 'vitest';
import type { Schematic } from './schematic.ts';
import { renderSchematic, schematicId } from './schematic-id.ts';

const withArgs = (...extraKernelArgs: string[]): Schematic => ({ customization: { extraKernelArgs } });
const rendered = (text: string) => renderSchematic(withArgs(text)).replace(/^.*\n.*\n {8}- /, '');

/** Ids that Image Factory itself gives. */
const vectors: [name: string, schematic: Schematic, id: string][] = [
  ['nothing', {}, '376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba'],
  [
    'kernel arguments',
    withArgs('noapic', 'nolapic'),
    '9cba8e32753f91a16c1837ab8abf356af021706ef284aef07380780177d9a06c',
  ],
  [
    'a META value',
    { customization: { meta: [{ key: 10, value: 'foo' }] } },
    'd308a2a5ee2277bed5fbaa104fcbc8d59122abfa737df987a95b4ca763459a7f',
  ],
  [
    'an overlay',
    { overlay: { image: 'siderolabs/sbc-raspberrypi', name: 'rpi_generic' } },
    'ee21ef4a5ef808a9b7484cc0dda0f25075021691c8c09a276591eedb638ea1f9',
  ],
  [
    'well-known certificates for secure boot',
    { customization: { secureboot: { includeWellKnownCertificates: true } } },
    'fa8e05f142a851d3ee568eb0a8e5841eaf6b0ebc8df9a63df16ac5ed2c04f3e6',
  ],
  [
    'a sector size',
    { customization: { diskImage: { sectorSize: 4096 } } },
    '92833e9ddd9bb9e11b2464fa5525429f01866306d52ebd882ee08d7918f6d1ea',
  ],
];

describe('schematicId', () => {
  it.each(vectors)('is that of the factory for %s', (_, schematic, id) => {
    expect(schematicId(schematic)).toBe(id);
  });

  it('takes what is empty for what is absent', () => {
    const customization = {
      extraKernelArgs: [],
      meta: [],
      systemExtensions: { officialExtensions: [] },
      secureboot: { includeWellKnownCertificates: false },
      diskImage: { sectorSize: 0 },
    };
    expect(schematicId({ customization, owner: '' })).toBe(schematicId({}));
  });

  it('depends on the order of a list', () => {
    expect(schematicId(withArgs('a', 'b'))).not.toBe(schematicId(withArgs('b', 'a')));
  });

  it('quotes a text only as far as go-yaml does', () => {
    const quoted: [text: string, yaml: string][] = [
      ['console=ttyS0,115200', 'console=ttyS0,115200\n'],
      ['-console', '-console\n'],
      ['off', '"off"\n'],
      ['123', '"123"\n'],
      ['{}', "'{}'\n"],
      ["it's: {}", "'it''s: {}'\n"],
      ['one\ntwo\n', '|\n          one\n          two\n'],
      ['2026-02-29', '2026-02-29\n'],
      ['2024-02-29', '"2024-02-29"\n'],
    ];
    for (const [text, yaml] of quoted) expect(rendered(text), text).toBe(yaml);
  });

  it('refuses what it cannot be sure of, rather than give a wrong id', () => {
    const refused = { code: 'talos/schematic-not-computable', kind: 'operator' };
    for (const text of ['\u2028', '\uFEFF', '\uD800']) {
      expect(() => schematicId(withArgs(text))).toThrow(expect.objectContaining(refused));
    }
    for (const options of [{ 'a-1': 'x' }, { on: 'x' }, { size: 1.5 }]) {
      expect(() => schematicId({ overlay: { image: 'i', name: 'n', options } })).toThrow(
        expect.objectContaining(refused),
      );
    }
  });
});
