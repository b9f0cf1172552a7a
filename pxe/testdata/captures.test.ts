import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bytesOfHex } from '../hex.fixture.ts';
import { describeDatagram } from './describe-datagram.fixture.ts';

/** What each firmware sent and was sent, as the firmware suite recorded it: bytes, and beside them what they mean. */
const folder = join(import.meta.dirname, 'captures');

describe.each(readdirSync(folder))('the datagrams of %s', (name) => {
  const text = readFileSync(join(folder, name), 'utf8');
  const records = text.split(/\n\n(?=[<>])/).slice(1);

  it('are read by our decoders as they were when they were recorded', () => {
    let count = 0;
    for (const record of records) {
      const [head = '', ...lines] = record.trimEnd().split('\n');
      const port = Number(/:(\d+)$/.exec(head)?.[1]);
      const at = lines.indexOf('  bytes');
      if (at < 0) continue;
      const bytes = bytesOfHex(lines.slice(at + 1).join(''));
      expect(describeDatagram(head.startsWith('<') ? port : 67, bytes)).toEqual(
        lines.slice(0, at).map((line) => line.trim()),
      );
      count += 1;
    }
    expect(count).toBeGreaterThan(0);
  });
});
