import { describe, expect, it } from 'vitest';
import { resourceKinds } from '../resource-kinds.ts';
import { compareSchematic, imageOf } from './compare-schematic.ts';

const extension = (name: string, version: string, phase = 'running') => ({
  id: '0',
  version: '1',
  phase,
  created: '',
  spec: resourceKinds.extensionStatuses.spec.parse({
    image: '',
    metadata: { name, version, author: 'Image Factory', extraInfo: 'customization: {}\n' },
  }),
});
const running = [extension('drbd', '9.2.14-v1.13.9'), extension('modules.dep', '6.12'), extension('schematic', 'abc')];

describe('imageOf', () => {
  it('tells the extensions, and the schematic that stands among them', () => {
    expect(imageOf(running)).toEqual({ schematic: 'abc', extensions: ['drbd'] });
  });

  it('finds none on a plain image, nor in what is about to go or cannot be read', () => {
    expect(imageOf([])).toEqual({ extensions: [] });
    expect(imageOf([extension('drbd', 'abc')])).toEqual({ extensions: ['drbd'] });
    expect(imageOf([extension('schematic', 'abc', 'tearingDown')])).toEqual({ extensions: [] });
    const odd = { ...extension('', ''), spec: resourceKinds.extensionStatuses.spec.parse({ metadata: 'schematic' }) };
    expect(imageOf([odd])).toEqual({ extensions: [] });
  });
});

describe('compareSchematic', () => {
  it('tells the same schematic from another one and from none', () => {
    expect(compareSchematic({ schematic: 'abc', extensions: [] }, 'abc')).toEqual({ kind: 'same' });
    expect(compareSchematic({ schematic: 'abc', extensions: [] }, 'abd')).toEqual({ kind: 'other', running: 'abc' });
    expect(compareSchematic({ extensions: ['drbd'] }, 'abc')).toEqual({ kind: 'none' });
  });
});
