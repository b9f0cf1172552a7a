import { create } from '@bufbuild/protobuf';
import { afterEach, describe, expect, it } from 'vitest';
import type { MachineSpec } from '../../core/rack-spec.ts';
import { createAuthority } from '../../talos/certificate.ts';
import {
  EtcdMemberAlarm_AlarmType as AlarmType,
  EtcdAlarmListResponseSchema,
  EtcdStatusResponseSchema,
} from '../../talos/gen/machine/etcd_pb.ts';
import { EtcdMemberListResponseSchema } from '../../talos/gen/machine/machine_pb.ts';
import { connectTalos } from '../../talos/index.ts';
import { serveTalos } from '../../talos/testing/serve-talos.ts';
import { trueRandom } from '../../talos/testing/true-random.ts';
import { VirtualClock } from '../../test/fakes/virtual-clock.ts';
import { askEtcdCluster } from '../etcd-cluster.ts';
import { checkEtcd } from './check-etcd.ts';

const entry: MachineSpec = { name: 'cp-1', role: 'controlplane', address: '127.0.0.1', disk: { serial: 'S' } };
/** OpenSSL judges certificates by the real time. */
const clock = Object.assign(new VirtualClock(), { now: () => new Date() });

describe('checkEtcd', () => {
  let close = (): void => undefined;
  afterEach(() => close());

  /** The one control plane of a rack, whose etcd raises these alarms. */
  async function ask(alarms: readonly AlarmType[]) {
    const authority = await createAuthority({ kind: 'ed25519', organization: 'talos' }, { clock, random: trueRandom });
    const server = await serveTalos({
      authority,
      demandsClientCertificate: false,
      clock,
      machine: {
        etcdMemberList: (_, answer) =>
          answer(
            null,
            create(EtcdMemberListResponseSchema, { messages: [{ members: [{ id: 1n, hostname: 'cp-1' }] }] }),
          ),
        etcdStatus: (_, answer) =>
          answer(
            null,
            create(EtcdStatusResponseSchema, { messages: [{ memberStatus: { memberId: 1n, leader: 1n } }] }),
          ),
        etcdAlarmList: (_, answer) =>
          answer(
            null,
            create(EtcdAlarmListResponseSchema, {
              messages: [{ memberAlarms: alarms.map((alarm) => ({ memberId: 1n, alarm })) }],
            }),
          ),
      },
    });
    const client = connectTalos({ address: '127.0.0.1', port: server.port });
    close = () => {
      client.close();
      server.close();
    };
    const step = checkEtcd({ ask: (signal) => askEtcdCluster([entry], (_, use) => use(client), signal), after: [] });
    return step.check({ uncertain: false, confirmed: false }, new AbortController().signal);
  }

  it('is done when its members agree, have a leader and raise no alarm', async () => {
    expect(await ask([])).toEqual({ kind: 'done' });
  });

  it('waits while one raises an alarm, and says which', async () => {
    expect(await ask([AlarmType.NOSPACE])).toEqual({
      kind: 'blocked',
      reason: 'etcd on cp-1 raises the alarm NOSPACE',
    });
  });

  it('does not take an alarm that a later etcd may know for none', async () => {
    expect(await ask([9 as AlarmType])).toMatchObject({
      kind: 'blocked',
      reason: expect.stringMatching(/The answer of 127\.0\.0\.1:\d+ to EtcdAlarmList cannot be read/) as string,
    });
  });
});
