import { describe, expect, it } from 'vitest';
import { renderJson } from './render-json.ts';
import { sampleRun, stamp } from './testing/sample-run.ts';

describe('renderJson', () => {
  it('has the version, the kind, the type and the time before the fields of the event', () => {
    const event = stamp({ type: 'step.waiting', step: 'bootstrap', title: 'Bootstrap etcd', reason: 'no leader\nyet' });
    expect(renderJson(event)).toBe(
      '{"apiVersion":"rackwright.dev/v1alpha1","kind":"Event","type":"step.waiting","at":"2026-09-11T10:00:00.250Z","step":"bootstrap","title":"Bootstrap etcd","reason":"no leader\\nyet"}',
    );
  });

  it('gives every event back to who parses it', () => {
    for (const event of sampleRun.map((one) => stamp(one))) {
      const { apiVersion: _, kind, ...rest } = JSON.parse(renderJson(event)) as Record<string, unknown>;
      expect(kind).toBe('Event');
      expect(rest).toEqual(event);
    }
  });
});
