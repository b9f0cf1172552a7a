import { create } from '@bufbuild/protobuf';
import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { envelopeError } from './envelope-error.ts';
import { DataSchema } from './gen/common/common_pb.ts';
import { RebootResponseSchema } from './gen/machine/power_pb.ts';

describe('envelopeError', () => {
  it('finds none in an answer of a machine that was asked alone', () => {
    expect(envelopeError(create(RebootResponseSchema, { messages: [{ actorId: 'a' }] }))).toBeUndefined();
    expect(envelopeError(create(DataSchema, { metadata: { hostname: 'node-1' } }))).toBeUndefined();
  });

  it('finds the one of the second node, with its status', () => {
    const failed = { hostname: '10.0.0.12', error: 'no route', status: { code: status.UNAVAILABLE } };
    const messages = [{ actorId: 'a' }, { metadata: failed }];
    expect(envelopeError(create(RebootResponseSchema, { messages }))).toEqual({
      code: status.UNAVAILABLE,
      details: 'no route',
    });
  });

  it('finds one in a stream that has no status, or one that gRPC does not have', () => {
    const unknown = { code: status.UNKNOWN, details: 'broken' };
    expect(envelopeError(create(DataSchema, { metadata: { error: 'broken' } }))).toEqual(unknown);
    expect(envelopeError(create(DataSchema, { metadata: { error: 'broken', status: { code: 400 } } }))).toEqual(
      unknown,
    );
  });
});
