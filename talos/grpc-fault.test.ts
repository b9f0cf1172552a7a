import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { faultOfGrpc } from './grpc-fault.ts';
import { talosGarbled } from './talos-faults.ts';

const about = { at: '10.0.0.11:50000', call: 'Bootstrap' };
const faultOf = (code: status, details = 'reason') => {
  const fault = faultOfGrpc({ code, details }, about);
  return [fault.kind, fault.code];
};

describe('faultOfGrpc', () => {
  it('tells what may pass by waiting from what does not', () => {
    expect(faultOf(status.UNAVAILABLE)).toEqual(['environment', 'talos/unreachable']);
    expect(faultOf(status.FAILED_PRECONDITION)).toEqual(['environment', 'talos/not-ready']);
    expect(faultOf(status.UNKNOWN)).toEqual(['environment', 'talos/failed']);
    expect(faultOf(status.NOT_FOUND)).toEqual(['environment', 'talos/not-found']);
    expect(faultOf(status.ALREADY_EXISTS)).toEqual(['operator', 'talos/already-exists']);
    expect(faultOf(status.INVALID_ARGUMENT)).toEqual(['operator', 'talos/refused']);
    expect(faultOf(status.UNIMPLEMENTED)).toEqual(['operator', 'talos/not-supported']);
    expect(faultOf(status.PERMISSION_DENIED, 'not authorized')).toEqual(['operator', 'talos/forbidden']);
  });

  it('has an answer for every status code of gRPC', () => {
    const codes = Object.values(status).filter((code) => typeof code === 'number');
    for (const code of codes) expect(faultOf(code)[1]).toMatch(/^talos\//);
    expect(codes).toHaveLength(17);
  });

  it('takes a resource type that this Talos does not have for not supported', () => {
    const details = 'resource type "BootIDs.runtime.talos.dev" is not supported';
    expect(faultOf(status.PERMISSION_DENIED, details)).toEqual(['operator', 'talos/not-supported']);
  });

  it('says that our own signal or deadline ended the call, whatever the channel says', () => {
    const error = { code: status.CANCELLED, details: 'Cancelled on client' };
    expect(faultOfGrpc(error, { ...about, ended: 'signal' }).code).toBe('talos/cancelled');
    const late = faultOfGrpc(error, { ...about, ended: 'deadline' });
    expect(late).toMatchObject({ code: 'talos/unreachable', kind: 'environment' });
    expect(late.message).toContain('no answer in time');
  });

  it('leaves out the words of the library around the reason', () => {
    const details = 'No connection established. Last error: Error: read ECONNRESET. Resolution note: ';
    const fault = faultOfGrpc({ code: status.UNAVAILABLE, details }, about);
    expect(fault.message).toBe('The Talos API at 10.0.0.11:50000 did not answer Bootstrap: read ECONNRESET');
  });

  it('claims that nothing was changed only of calls that read, or that were refused', () => {
    const stateOf = (call: string, code = status.UNAVAILABLE) =>
      faultOfGrpc({ code, details: '' }, { at: 'x', call }).state;
    expect(stateOf('Reset')).toContain('Whether Reset had an effect is not known');
    expect(stateOf('Reset', status.FAILED_PRECONDITION)).toBe('Nothing was changed by this call.');
    expect(stateOf('List')).toBe('Nothing was changed by this call.');
    expect(talosGarbled({ at: 'x', call: 'ApplyConfiguration', reason: '' }).state).toContain('is not known');
  });

  it('redacts before it quotes', () => {
    const redact = (text: string) => text.replaceAll('hunter2', '(secret)');
    const fault = faultOfGrpc(
      { code: status.INVALID_ARGUMENT, details: 'line 3: token hunter2' },
      { ...about, redact },
    );
    expect(fault.message).toContain('line 3: token (secret)');
    expect(fault.message).not.toContain('hunter2');
  });
});
