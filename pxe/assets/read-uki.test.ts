import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryFiles } from '../../test/fakes/memory-files.ts';
import { peImage } from './pe.fixture.ts';
import { readPe } from './read-pe.ts';
import { openUki } from './read-uki.ts';

const osRelease = 'NAME="Talos"\nID=talos\nVERSION_ID=v1.13.9\nPRETTY_NAME="Talos (v1.13.9)"\n';

describe('readPe', () => {
  it('answers any bytes, and any damage to a good image, with an image or with undefined', () => {
    const good = peImage({ '.linux': 'kernel', '.cmdline': 'a=b' });
    const damaged = fc
      .array(fc.tuple(fc.integer({ min: 0, max: good.length - 1 }), fc.integer({ min: 0, max: 255 })), { maxLength: 8 })
      .map((changes) => {
        const bytes = Uint8Array.from(good);
        for (const [at, octet] of changes) bytes[at] = octet;
        return bytes;
      });
    const cut = fc.integer({ min: 0, max: good.length }).map((size) => good.subarray(0, size));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 400 }), damaged, cut), (bytes) => {
        const image = readPe(bytes);
        if (image !== undefined) expect(Number.isInteger(image.machine)).toBe(true);
      }),
    );
  });

  it('reads nothing before the start of a subarray', () => {
    const bytes = new Uint8Array([...new Uint8Array(7), ...peImage({ '.linux': 'kernel' })]).subarray(7);
    expect(readPe(bytes)?.sections.map(({ name }) => name)).toEqual(['.linux']);
  });
});

describe('openUki', () => {
  it('finds kernel, initrd, command line and version', async () => {
    const bytes = peImage({
      '.osrel': osRelease,
      '.cmdline': 'talos.platform=metal \n\0',
      '.linux': 'KERNEL',
      '.initrd': 'INITRD',
    });
    const uki = await ukiOf(bytes);
    expect(uki).toMatchObject({
      architecture: 'amd64',
      commandLine: 'talos.platform=metal',
      osRelease: { ID: 'talos', VERSION_ID: 'v1.13.9', NAME: 'Talos' },
      sizeBytes: bytes.length,
    });
    const { offsetBytes = 0, sizeBytes = 0 } = uki?.linux ?? {};
    expect(new TextDecoder().decode(bytes.subarray(offsetBytes, offsetBytes + sizeBytes))).toBe('KERNEL');
    expect(uki?.initrd?.sizeBytes).toBe(6);
  });

  it('does not believe in a section that ends behind the file', async () => {
    const bytes = peImage({ '.cmdline': 'a=b', '.linux': new Uint8Array(4096) });
    expect(await ukiOf(bytes.subarray(0, bytes.length - 512))).toMatchObject({ commandLine: 'a=b', linux: undefined });
  });

  it('knows arm64, a file that is no image, and one that is not there', async () => {
    expect(await ukiOf(peImage({}, { machine: 0xaa64 }))).toMatchObject({ architecture: 'arm64' });
    expect(await ukiOf(new Uint8Array())).toBeUndefined();
    expect(await openUki(new MemoryFiles(), '/nowhere')).toBeUndefined();
  });
});

function ukiOf(bytes: Uint8Array) {
  const files = new MemoryFiles();
  files.contents.set('/uki', { bytes, mode: 0o600 });
  return openUki(files, '/uki');
}
