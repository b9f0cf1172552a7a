import { create, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fault } from '../core/fault.ts';
import { EventSchema, MachineStatusEventSchema, SequenceEventSchema } from './gen/machine/event_pb.ts';
import { decodeEvent } from './talos-event.ts';

const about = { at: '10.0.0.11:50000', call: 'Events' };
const kinds = [
  'SequenceEvent',
  'PhaseEvent',
  'TaskEvent',
  'ServiceStateEvent',
  'RestartEvent',
  'ConfigLoadErrorEvent',
  'ConfigValidationErrorEvent',
  'AddressEvent',
  'MachineStatusEvent',
];
const event = (typeUrl: string, value: Uint8Array) =>
  create(EventSchema, { id: 'c0', actorId: 'a', data: { typeUrl, value } });

describe('decodeEvent', () => {
  it('leaves out the hello, and kinds that it does not know', () => {
    expect(decodeEvent(create(EventSchema, {}), about)).toBeUndefined();
    expect(decodeEvent(event('', new Uint8Array()), about)).toBeUndefined();
    expect(decodeEvent(event('talos/runtime/machine.FutureEvent', Uint8Array.of(8, 1)), about)).toBeUndefined();
    // The prefix that everybody else uses is not Talos'.
    const value = toBinary(SequenceEventSchema, create(SequenceEventSchema, { sequence: 'boot' }));
    expect(decodeEvent(event('type.googleapis.com/machine.SequenceEvent', value), about)).toBeUndefined();
  });

  it('keeps every word of a sequence and of the status of a machine', () => {
    const words = fc.string({ unit: 'grapheme' });
    fc.assert(
      fc.property(words, words, fc.boolean(), (sequence, reason, ready) => {
        const started = toBinary(SequenceEventSchema, create(SequenceEventSchema, { sequence, action: 1 }));
        expect(decodeEvent(event('talos/runtime/machine.SequenceEvent', started), about)).toEqual({
          type: 'sequence',
          sequence,
          action: 'START',
          id: 'c0',
          actorId: 'a',
        });
        const status = { ready, unmetConditions: [{ name: 'time', reason }] };
        const running = toBinary(MachineStatusEventSchema, create(MachineStatusEventSchema, { stage: 4, status }));
        expect(decodeEvent(event('talos/runtime/machine.MachineStatusEvent', running), about)).toMatchObject({
          stage: 'RUNNING',
          isReady: ready,
          unmetConditions: [`time: ${reason}`],
        });
      }),
    );
  });

  it('names the number of an action that it does not know', () => {
    const value = toBinary(SequenceEventSchema, create(SequenceEventSchema, { action: 77 as never }));
    expect(() => decodeEvent(event('talos/runtime/machine.SequenceEvent', value), about)).toThrow(
      'it says 77 where we know NOOP, START, STOP',
    );
  });

  it('gives an event, nothing, or the fault talos/garbled for arbitrary bytes', () => {
    fc.assert(
      fc.property(fc.constantFrom(...kinds), fc.uint8Array({ maxLength: 60 }), (kind, value) => {
        try {
          const decoded = decodeEvent(event(`talos/runtime/machine.${kind}`, value), about);
          expect(decoded?.type).toMatch(/^[a-z-]+$/);
        } catch (thrown) {
          expect(thrown instanceof Fault && thrown.code).toBe('talos/garbled');
        }
      }),
      { numRuns: 1000 },
    );
  });
});
