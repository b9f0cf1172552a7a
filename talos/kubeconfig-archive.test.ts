import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extractKubeconfig } from './kubeconfig-archive.ts';

/** A ustar header and the content, without the padding and the end blocks that Talos leaves out. */
function unclosedTar(content: string, size = Buffer.byteLength(content)): Buffer {
  const header = Buffer.alloc(512);
  header.write('kubeconfig', 0);
  header.write(`${size.toString(8).padStart(11, '0')}\0`, 124);
  header.write('ustar\x0000', 257);
  return Buffer.concat([header, Buffer.from(content)]);
}

describe('extractKubeconfig', () => {
  it('reads the one file of a tar that was never closed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (content) => {
        expect(extractKubeconfig(gzipSync(unclosedTar(content)))).toBe(content);
      }),
    );
  });

  it('gives nothing for a file that is shorter than its header says', () => {
    expect(extractKubeconfig(gzipSync(unclosedTar('apiVersion: v1', 15)))).toBeUndefined();
  });

  it('gives nothing for a bomb', () => {
    expect(extractKubeconfig(gzipSync(unclosedTar('x'.repeat(5_000_000))))).toBeUndefined();
  });

  it('reads or gives nothing, and never throws, for arbitrary bytes, gzipped or not', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
        extractKubeconfig(bytes);
        extractKubeconfig(gzipSync(bytes));
        extractKubeconfig(gzipSync(Buffer.concat([Buffer.alloc(124), bytes, Buffer.alloc(600)])));
      }),
    );
  });
});
