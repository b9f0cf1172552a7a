import { describe, expect, it } from 'vitest';
import { faultOfAnswer } from './kube-faults.ts';

const asked = { server: 'https://10.0.0.5:6443', what: 'apply ConfigMap default/a', isSecret: false };
const status = (reason: string, causes: object[] = []) => ({ reason, message: 'because', details: { causes } });

describe('faultOfAnswer', () => {
  it.each([
    [401, status('Unauthorized'), 'kube/forbidden', 'operator'],
    [403, status('Forbidden'), 'kube/forbidden', 'operator'],
    [403, status('Forbidden', [{ reason: 'NamespaceTerminating' }]), 'kube/unavailable', 'environment'],
    [404, status('NotFound'), 'kube/not-found', 'environment'],
    [
      409,
      status('Conflict', [{ reason: 'FieldManagerConflict', message: 'conflict with "x"', field: '.a' }]),
      'kube/conflict',
      'operator',
    ],
    [409, status('Conflict'), 'kube/unavailable', 'environment'],
    [422, status('Invalid'), 'kube/rejected', 'operator'],
    [429, status('TooManyRequests'), 'kube/unavailable', 'environment'],
    [500, status('InternalError'), 'kube/unavailable', 'environment'],
    [503, undefined, 'kube/unavailable', 'environment'],
    [400, 'not a status', 'kube/rejected', 'operator'],
  ])('reads %i %j as %s', (code, body, expected, kind) => {
    const fault = faultOfAnswer(asked, code, body);
    expect(fault).toMatchObject({ code: expected, kind });
    expect(fault.message).toContain('apply ConfigMap default/a');
  });

  it('says that a kind is unknown, which the API says in one line of text or in a Status that names nothing', () => {
    const unknown = 'its kind is not defined there';
    expect(faultOfAnswer(asked, 404, { message: '404 page not found\n' }).message).toContain(unknown);
    expect(faultOfAnswer(asked, 404, status('NotFound')).message).toContain(unknown);
    const ofNamespace = { ...status('NotFound'), details: { name: 'nowhere', kind: 'namespaces' } };
    expect(faultOfAnswer(asked, 404, ofNamespace).message).toContain('NotFound: because');
  });

  it('shows the words of the API, but for what may repeat a secret', () => {
    expect(faultOfAnswer(asked, 422, status('Invalid')).message).toContain('because');
    expect(faultOfAnswer({ ...asked, isSecret: true }, 422, status('Invalid')).message).not.toContain('because');
  });
});
