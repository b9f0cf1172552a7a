import { describe, expect, it } from 'vitest';
import { contractOf, hasSince } from './talos-contract.ts';

describe('contractOf', () => {
  it('is the minor of a release, and of what comes before one', () => {
    expect(contractOf('v1.11.6')).toBe('v1.11');
    expect(contractOf('v1.14.0-rc.1')).toBe('v1.14');
  });

  it('refuses what no config is known for', () => {
    for (const version of ['v1.10.9', 'v1.15.0', 'v1.1', 'v1.13', '1.13.9', 'v1.131.0', '']) {
      expect(() => contractOf(version), version).toThrow(
        expect.objectContaining({ code: 'talos/contract-unknown', kind: 'operator', exitCode: 4 }),
      );
    }
  });
});

it('knows which contract came first', () => {
  expect(hasSince('v1.12', 'v1.12')).toBe(true);
  expect(hasSince('v1.14', 'v1.11')).toBe(true);
  expect(hasSince('v1.11', 'v1.12')).toBe(false);
});
