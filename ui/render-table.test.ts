import { describe, expect, it } from 'vitest';
import { renderTable } from './render-table.ts';

describe('renderTable', () => {
  it('makes columns as wide as their widest cell and ends no line in spaces', () => {
    expect(
      renderTable(
        ['NAME', 'ROLE'],
        [
          ['node-1', 'controlplane'],
          ['n', ''],
        ],
        { isUtf8: true },
      ),
    ).toEqual(['NAME     ROLE', 'node-1   controlplane', 'n']);
  });

  it('lets no cell write to the terminal', () => {
    expect(renderTable(['MODEL'], [['a\u001b[2Jb\nc']], { isUtf8: true })).toEqual(['MODEL', 'a?[2Jb c']);
  });
});
