import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { meaningOf, retryRules, ruleFor } from './retry-rules.ts';

const about = { at: '10.0.0.11:50000', call: 'Bootstrap', reason: 'because' };

describe('the retry rules', () => {
  it('give faults that say the same as the rule', () => {
    for (const { means, fault } of retryRules) expect(meaningOf(fault(about))).toBe(means);
  });

  it('have an answer for every status of every call, and for one that gRPC does not have yet', () => {
    const failures = Object.values(status).filter((code) => typeof code === 'number' && code !== status.OK);
    const general = retryRules.filter(({ calls, text }) => calls === undefined && text === undefined);
    expect(general.map(({ code }) => code).sort((a, b) => a - b)).toEqual(failures);
    expect(ruleFor({ code: JSON.parse('99') as status, call: 'Reset', details: '' }).means).toBe('wait');
  });

  it.each([
    ['Reset', status.UNAVAILABLE, 'read ECONNRESET', 'wait', 'talos/unreachable'],
    [
      'List',
      status.INTERNAL,
      'Received RST_STREAM with code 2 triggered by internal client error: read EHOSTUNREACH',
      'wait',
      'talos/unreachable',
    ],
    ['List', status.INTERNAL, 'panic in handler', 'wait', 'talos/failed'],
    ['Bootstrap', status.FAILED_PRECONDITION, 'bootstrap is not available yet', 'wait', 'talos/not-ready'],
    ['Bootstrap', status.ALREADY_EXISTS, 'etcd data directory is not empty', 'done', 'talos/already-exists'],
    ['EtcdRemoveMemberByID', status.NOT_FOUND, 'member not found', 'done', 'talos/already-gone'],
    ['VolumeGroupRemove', status.ALREADY_EXISTS, 'volume group exists', 'stop', 'talos/refused'],
    ['Get', status.NOT_FOUND, "resource doesn't exist", 'wait', 'talos/not-found'],
    ['Pull', status.NOT_FOUND, 'image not found', 'stop', 'talos/refused'],
    ['List', status.PERMISSION_DENIED, 'resource type "X" is not supported', 'stop', 'talos/not-supported'],
    ['List', status.PERMISSION_DENIED, 'not authorized', 'stop', 'talos/forbidden'],
    ['Version', status.UNAVAILABLE, 'alert certificate expired: SSL alert number 45', 'wait', 'talos/keys-expired'],
    ['Read', status.RESOURCE_EXHAUSTED, 'grpc: received message larger than max (9 vs. 4)', 'stop', 'talos/refused'],
    ['Version', status.UNAVAILABLE, 'certificate has expired', 'wait', 'talos/certificate-out-of-date'],
    ['Version', status.UNAVAILABLE, 'tlsv13 alert certificate required', 'stop', 'talos/certificate-required'],
    ['Version', status.UNAVAILABLE, 'unable to verify the first certificate', 'stop', 'talos/foreign-certificate'],
  ] as const)('%s with status %i "%s": %s', (call, code, details, means, fault) => {
    const rule = ruleFor({ code, call, details });
    expect([rule.means, rule.fault(about).code]).toEqual([means, fault]);
  });
});
