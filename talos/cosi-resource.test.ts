import { create } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fault } from '../core/fault.ts';
import { decodeResource } from './cosi-resource.ts';
import { ResourceSchema } from './gen/cosi/resource/resource_pb.ts';
import { SpecCache } from './spec-cache.ts';

const about = { at: '10.0.0.11:50000', call: 'Get', specs: new SpecCache() };

describe('decodeResource', () => {
  it('keeps the nanoseconds of the time at which the resource was made', () => {
    const resource = create(ResourceSchema, {
      metadata: { id: 'machine', version: '7', phase: 'running', created: { seconds: 1_767_225_600n, nanos: 5 } },
      spec: { yamlSpec: 'stage: running\nstatus:\n    ready: true\n' },
    });
    expect(decodeResource(resource, about)).toEqual({
      id: 'machine',
      version: '7',
      phase: 'running',
      created: '2026-01-01T00:00:00.000000005Z',
      spec: { stage: 'running', status: { ready: true } },
    });
  });

  it('gives a resource or the fault talos/garbled for whatever a machine sends', () => {
    const arbitrary = fc.record({
      yamlSpec: fc.string(),
      seconds: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    });
    fc.assert(
      fc.property(arbitrary, ({ yamlSpec, seconds }) => {
        const metadata = { id: 'x', created: { seconds } };
        try {
          decodeResource(create(ResourceSchema, { metadata, spec: { yamlSpec } }), about);
        } catch (thrown) {
          expect(thrown instanceof Fault && thrown.code).toBe('talos/garbled');
        }
      }),
    );
  });
});
