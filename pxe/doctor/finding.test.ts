import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { findingIds } from './finding.ts';

it.each(findingIds)('docs/doctor.md says what %s means and what to do', (id) => {
  const row = readFileSync('docs/doctor.md', 'utf8')
    .split('\n')
    .find((line) => line.startsWith(`| \`${id}\` |`));
  expect(
    row
      ?.split('|')
      .slice(2, 4)
      .every((cell) => cell.trim().length > 20),
  ).toBe(true);
});
