import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { machineListReport } from './machine-report.ts';

const published = fileURLToPath(new URL('../docs/machine-list.schema.json', import.meta.url));

describe('the shape of what get machines -o json prints', () => {
  it('is the one that is published for others to rely on', () => {
    expect(JSON.parse(readFileSync(published, 'utf8'))).toEqual(z.toJSONSchema(machineListReport));
  });
});
