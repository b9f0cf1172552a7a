import { PassThrough, Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { openSink } from './sink.ts';

describe('openSink', () => {
  it('has written everything when flush resolves', async () => {
    let written = '';
    const slow = new Writable({
      decodeStrings: false,
      write: (text: string, _encoding, next) => {
        setImmediate(() => {
          written += text;
          next();
        });
      },
    });
    const sink = openSink(slow);
    sink.write('one ');
    sink.write('two');
    await sink.flush();
    expect(written).toBe('one two');
  });

  it('goes on without a reader: a broken pipe is nobody’s fault here', async () => {
    const pipe = new PassThrough();
    const sink = openSink(pipe);
    pipe.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    sink.write('into the void');
    await sink.flush();
    sink.write('again');
    await expect(sink.flush()).resolves.toBeUndefined();
  });
});
