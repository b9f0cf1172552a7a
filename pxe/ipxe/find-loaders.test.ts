import { describe, expect, it } from 'vitest';
import { MemoryFiles } from '../../test/fakes/memory-files.ts';
import { findLoaders } from './find-loaders.ts';

const program = (...words: string[]) => new TextEncoder().encode(`MZ\0${words.join('\0')}\0`);

describe('findLoaders', () => {
  it('shows version and features of a program that tells them', async () => {
    expect(
      await findLoaders(filesWith({ '/usr/lib/ipxe/snponly.efi': program('2.0.0+git', 'HTTP', 'HTTPS', 'EFI') })),
    ).toEqual([
      {
        name: 'snponly.efi',
        path: '/usr/lib/ipxe/snponly.efi',
        sizeBytes: 28,
        version: '2.0.0+git',
        features: ['HTTP', 'HTTPS', 'EFI'],
      },
    ]);
  });

  it('claims nothing of a packed program, whatever words its bytes spell', async () => {
    const [found] = await findLoaders(filesWith({ '/usr/lib/ipxe/undionly.kpxe': program('\x01\x02', 'PXE') }));
    expect(found).toEqual({
      name: 'undionly.kpxe',
      path: '/usr/lib/ipxe/undionly.kpxe',
      sizeBytes: 10,
      features: [],
    });
  });

  it('prefers the directory that the operator names, under the names of any distribution', async () => {
    const files = filesWith({
      '/srv/ipxe/snponly-x86_64.efi': program('HTTP'),
      '/usr/lib/ipxe/snponly.efi': program('HTTP'),
      '/usr/share/ipxe/arm64-efi/snponly.efi': program('HTTP'),
    });
    expect((await findLoaders(files, '/srv/ipxe')).map(({ name, path }) => `${name} ${path}`)).toEqual([
      'snponly.efi /srv/ipxe/snponly-x86_64.efi',
      'snponly-arm64.efi /usr/share/ipxe/arm64-efi/snponly.efi',
    ]);
  });

  it('finds nothing where there is nothing', async () => {
    expect(await findLoaders(filesWith({}))).toEqual([]);
  });
});

function filesWith(contents: Readonly<Record<string, Uint8Array>>): MemoryFiles {
  const files = new MemoryFiles();
  for (const [path, bytes] of Object.entries(contents)) files.contents.set(path, { bytes, mode: 0o644 });
  return files;
}
