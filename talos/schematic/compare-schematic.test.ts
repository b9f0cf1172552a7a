import { describe, expect, it } from 'vitest';
import type { CosiResource } from '../cosi-resource.ts';
import { compareSchematic } from './compare-schematic.ts';

const extension = (name: string, version: string, phase = 'running'): CosiResource => ({
  id: '0',
  version: '1',
  phase,
  created: '',
  spec: { image: '', metadata: { name, version, author: 'Image Factory', extraInfo: 'customization: {}\n' } },
});
const running = [extension('drbd', '9.2.14-v1.13.9'), extension('schematic', 'abc')];

describe('compareSchematic', () => {
  it('finds the schematic among the extensions', () => {
    expect(compareSchematic(running, 'abc')).toEqual({ kind: 'same' });
    expect(compareSchematic(running, 'abd')).toEqual({ kind: 'other', running: 'abc' });
  });

  it('finds none on a plain image, nor in what is about to go or cannot be read', () => {
    expect(compareSchematic([extension('drbd', 'abc')], 'abc')).toEqual({ kind: 'none' });
    expect(compareSchematic([extension('schematic', 'abc', 'tearingDown')], 'abc')).toEqual({ kind: 'none' });
    expect(compareSchematic([{ ...extension('', ''), spec: 'schematic' }], 'abc')).toEqual({ kind: 'none' });
  });
});
