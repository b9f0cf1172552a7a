import { create, fromBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fault } from '../core/fault.ts';
import { decodeWatch } from './cosi-event.ts';
import { EventType, type WatchResponse, WatchResponseSchema } from './gen/cosi/resource/state_pb.ts';
import { SpecCache } from './spec-cache.ts';

const about = { at: '10.0.0.11:50000', call: 'Watch', specs: new SpecCache() };

describe('decodeWatch', () => {
  it('has nothing to say of the first message, which only says that the watch is on', () => {
    expect(decodeWatch(create(WatchResponseSchema, {}), about)).toEqual([]);
  });

  it('tells several changes of one message in their order, a tombstone by its id', () => {
    const message = create(WatchResponseSchema, {
      event: [
        { eventType: EventType.CREATED, resource: { metadata: { id: 'sda' }, spec: { yamlSpec: 'size: 1' } } },
        { eventType: EventType.NOOP },
        { eventType: EventType.DESTROYED, resource: { metadata: { id: 'sdb' } } },
        { eventType: EventType.BOOTSTRAPPED },
      ],
    });
    expect(decodeWatch(message, about)).toMatchObject([
      { type: 'created', resource: { id: 'sda', spec: { size: 1 } } },
      { type: 'destroyed', id: 'sdb' },
      { type: 'bootstrapped' },
    ]);
  });

  it('takes an overrun for a reason to begin anew', () => {
    const message = create(WatchResponseSchema, { event: [{ eventType: EventType.ERRORED, error: 'buffer overrun' }] });
    expect(() => decodeWatch(message, about)).toThrow('buffer overrun');
  });

  it('gives events or a fault of the environment for arbitrary bytes that are a message', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        let message: WatchResponse;
        try {
          message = fromBinary(WatchResponseSchema, bytes);
        } catch {
          return;
        }
        try {
          decodeWatch(message, about);
        } catch (thrown) {
          expect(thrown instanceof Fault && thrown.kind).toBe('environment');
        }
      }),
      { numRuns: 1000 },
    );
  });
});
