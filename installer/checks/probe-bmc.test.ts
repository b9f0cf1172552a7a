import { describe, expect, it } from 'vitest';
import type { HttpAnswer } from '../../core/ports.ts';
import { VirtualClock } from '../../test/fakes/virtual-clock.ts';
import { probeBmc } from './probe-bmc.ts';

const { signal } = new AbortController();
const address = '10.1.0.11';
const root = (text: string, status = 200): HttpAnswer => ({ status, headers: {}, text });

/** A management controller that says this to HTTPS, and this to the port of IPMI. */
const probe = async (https: HttpAnswer | 'silent', pong?: Uint8Array, from = address) => {
  const asked: unknown[] = [];
  const answer = await probeBmc(
    address,
    {
      askHttp: async (call) => {
        asked.push(call);
        if (https === 'silent') throw new Error('no answer within 5 s');
        return https;
      },
      network: {
        openUdp: async (options) => ({
          local: { address: '0.0.0.0', port: 1 },
          send(bytes, to) {
            asked.push([Buffer.from(bytes).toString('hex'), to.port]);
            if (pong !== undefined) options.onMessage(pong, { address: from, port: 623 });
          },
          sendSegments: () => undefined,
          close: async () => undefined,
        }),
      },
      clock: new VirtualClock(),
    },
    signal,
  );
  return { answer, asked };
};
const pong = Uint8Array.of(6, 0, 0xff, 6, 0, 0, 0x11, 0xbe, 0x40, 0, 0, 16);

describe('probeBmc', () => {
  it('reads the service root of Redfish, without credentials and whatever its certificate', async () => {
    const { answer, asked } = await probe(root('{"RedfishVersion":"1.15.0"}'));
    expect(answer).toEqual({ kind: 'answers', address, why: 'Redfish 1.15.0' });
    expect(asked).toContainEqual({ method: 'GET', url: 'https://10.1.0.11/redfish/v1/', anyCertificate: true });
  });

  it('takes the answer to a presence ping of IPMI where there is no Redfish', async () => {
    const { answer, asked } = await probe(root('', 404), pong);
    expect(answer).toEqual({ kind: 'answers', address, why: 'IPMI; Redfish: status 404' });
    expect(asked).toContainEqual(['0600ff06000011be80000000', 623]);
  });

  it.each([
    ['nothing at all', 'silent', undefined, address],
    ['something else over HTTPS', root('<html>'), undefined, address],
    ['JSON that is not Redfish', root('{}'), undefined, address],
    ['another packet to the ping', 'silent', Uint8Array.of(6, 0, 0, 0, 0, 0, 0, 0, 1), address],
    ['the answer of another host', 'silent', pong, '10.1.0.12'],
  ] as const)('takes %s for silence', async (_what, https, ping, from) => {
    const { answer } = await probe(https, ping, from);
    expect(answer).toMatchObject({
      kind: 'silent',
      why: expect.stringMatching(/^no Redfish \(.+\) and no IPMI$/) as string,
    });
  });
});
