import { expect, it } from 'vitest';
import { renderBytes } from './render-bytes.ts';

it('says a size as the label of the disk does', () => {
  expect([0, 999, 1000, 91_230_208, 480_103_981_056, 1_920_383_410_176].map(renderBytes)).toEqual([
    '0 B',
    '999 B',
    '1 kB',
    '91.2 MB',
    '480 GB',
    '1.92 TB',
  ]);
});
