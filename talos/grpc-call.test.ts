import { type Client, status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { type Millis, seconds } from '../core/millis.ts';
import { MachineService } from './gen/machine/machine_pb.ts';
import { callClientStream, callUnary } from './grpc-call.ts';
import { GrpcChannel } from './grpc-channel.ts';

const cancelled = Object.assign(new Error('cancelled'), { code: status.CANCELLED, details: '', metadata: {} });

/** A connection on which a deadline passes when the test says so; the machine takes requests for as long as it has room. */
function connection({ hasRoom }: { readonly hasRoom: boolean }) {
  const rings: (() => void)[] = [];
  const alarm = { ringAfter: (_: number, ring: () => void) => (rings.push(ring), () => undefined) };
  const client = {
    makeUnaryRequest: (...about: unknown[]) => {
      const answer = about.at(-1) as (error: unknown) => void;
      return { cancel: () => answer(cancelled) };
    },
    makeClientStreamRequest: (...about: unknown[]) => {
      const answer = about.at(-1) as (error: unknown, response?: object) => void;
      return {
        write: () => hasRoom,
        once: () => undefined,
        end: () => answer(null, {}),
        cancel: () => answer(cancelled),
      };
    },
  } as unknown as Client;
  const at = '10.0.0.11:50000';
  const brokenOff: string[] = [];
  const connection = { bytesRead: 100, breakOff: () => brokenOff.push('connection') };
  const hear = (bytes: number) => {
    connection.bytesRead += bytes;
  };
  const passDeadline = () => rings.shift()?.();
  return {
    channel: new GrpcChannel({ at, lines: [{ client, at, connection }], alarm }),
    passDeadline,
    brokenOff,
    hear,
  };
}

describe('callClientStream', () => {
  it('waits for whoever gives us the requests for as long as that takes', async () => {
    const { channel, passDeadline } = connection({ hasRoom: true });
    const slowly = async function* () {
      yield {};
      for (let deadline = 0; deadline < 3; deadline += 1) passDeadline();
      yield {};
    };
    await expect(callClientStream(channel, MachineService.method.etcdRecover, slowly())).resolves.toEqual({});
  });

  it('gives a machine up that takes nothing more for a whole deadline', async () => {
    const { channel, passDeadline } = connection({ hasRoom: false });
    const source = async function* () {
      yield {};
    };
    const call = callClientStream(channel, MachineService.method.etcdRecover, source());
    setImmediate(() => {
      for (let deadline = 0; deadline < 2; deadline += 1) passDeadline();
    });
    await expect(call).rejects.toMatchObject({ code: 'talos/unreachable' });
  });
});

describe('a call that is not answered in time', () => {
  const ask = async (deadline: Millis, heardMeanwhile: number) => {
    const { channel, passDeadline, brokenOff, hear } = connection({ hasRoom: true });
    const call = callUnary(channel, MachineService.method.version, {}, { deadline });
    hear(heardMeanwhile);
    passDeadline();
    await expect(call).rejects.toMatchObject({ code: 'talos/unreachable' });
    return brokenOff;
  };

  it('breaks the connection off when nothing at all came over it, so that streams do not wait for ever', async () => {
    expect(await ask(seconds(10), 0)).toEqual(['connection']);
  });

  it('leaves the connection to others when it is only this call that hangs, or when nobody was patient', async () => {
    expect(await ask(seconds(10), 1)).toEqual([]);
    expect(await ask(seconds(1), 0)).toEqual([]);
  });
});
