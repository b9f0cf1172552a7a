import { describe, expect, it } from 'vitest';
import { dhcpMessage } from '../dhcp/dhcp-option.ts';
import { bootReply, type DhcpPacket, noAddress } from '../dhcp/dhcp-packet.ts';
import { encodedOption, type OptionName, type OptionValue } from '../dhcp/option-table.ts';
import { identifyClient } from '../identify-client.ts';
import { type Asker, askers, composeDiscover } from './asker.ts';
import { describeAnswer } from './describe-answer.ts';
import { judgeAnswers } from './judge-answers.ts';

const noise = Uint8Array.from({ length: 16 }, (_, at) => at);
const [pxe, http] = askers as [Asker, Asker];
const skipDiscovery: OptionValue<'vendorSpecific'> = [[6, Uint8Array.of(8)]];

type Options = { readonly [Name in OptionName]?: OptionValue<Name> };

function answerOf(asker: Asker, options: Options, header: Partial<DhcpPacket> = {}) {
  const named = { messageType: dhcpMessage.offer, serverIdentifier: '10.0.0.1', ...options };
  const packet: DhcpPacket = {
    ...composeDiscover(asker, noise),
    op: bootReply,
    yiaddr: '10.0.0.50',
    ...header,
    options: new Map(Object.entries(named).map(([name, value]) => encodedOption(name as OptionName, value as never))),
  };
  return { asker, from: '10.0.0.1', packet };
}
const idsOf = (...answers: ReturnType<typeof answerOf>[]) =>
  judgeAnswers(answers, ['10.0.0.2']).map(({ id, verdict }) => `${verdict} ${id}`);

describe('the questions of the doctor', () => {
  it.each(askers)('look to a boot server like firmware: $name', (asker) => {
    expect(identifyClient(composeDiscover(asker, noise), 'dhcp')).toMatchObject({
      kind: 'client',
      client: { architectures: [asker.architecture], mac: '02:04:05:06:07:08' },
    });
  });
});

describe('what the doctor makes of the answers', () => {
  it('is content with a server that gives addresses and says nothing of booting', () => {
    const answer = answerOf(pxe, {});
    expect(idsOf(answer)).toEqual(['pass boot/dhcp-server']);
    expect(describeAnswer(answer)).toBe('takes the address');
  });

  it('warns that UEFI stops at a server with option 60 alone', () => {
    const answer = answerOf(pxe, { vendorClass: 'PXEClient' });
    expect(idsOf(answer, answerOf(http, {}))).toEqual(['pass boot/dhcp-server', 'fail boot/option-60-alone']);
    expect(describeAnswer(answer)).toMatch(/^asks 10\.0\.0\.1 on port 4011.*PXE-E16/);
  });

  it('only warns of option 60 alone where the rack file has firmware take its addresses from us', () => {
    const answers = [answerOf(pxe, { vendorClass: 'PXEClient' })];
    const judged = (dhcp?: 'proxy' | 'firmware') =>
      judgeAnswers(answers, ['10.0.0.2'], dhcp).find(({ id }) => id === 'boot/option-60-alone');
    const { verdict, says, remedy } = judged('firmware') ?? {};
    expect(verdict).toBe('warn');
    expect(says).toMatch(/UEFI firmware gets its addresses from us.* iPXE may still take the offer of 10\.0\.0\.1/);
    expect(remedy).not.toContain('set boot.dhcp');
    expect(judged('proxy')).toMatchObject({
      verdict: 'fail',
      remedy: expect.stringContaining('set boot.dhcp') as string,
    });
    expect(judged('proxy')).toEqual(judged());
  });

  it('knows a server that boots machines itself from one whose file name is out of date', () => {
    const boots = answerOf(pxe, { vendorClass: 'PXEClient', vendorSpecific: skipDiscovery, bootFileName: 'a.efi' });
    expect(idsOf(boots)).toEqual(['pass boot/dhcp-server', 'fail boot/foreign-boot-file']);
    expect(describeAnswer(boots)).toBe('boots a.efi');
    const stale = answerOf(pxe, {}, { file: 'stale.0' });
    expect(idsOf(stale)).toEqual(['pass boot/dhcp-server', 'warn boot/stale-boot-file']);
    const overHttp = answerOf(http, { vendorClass: 'HTTPClient', bootFileName: 'http://10.0.0.1/a.efi' });
    expect(idsOf(overHttp)).toEqual(['pass boot/dhcp-server', 'fail boot/foreign-boot-file']);
    expect(describeAnswer(overHttp)).toBe('boots http://10.0.0.1/a.efi');
  });

  it('tells a second proxy from our own', () => {
    const proxy = (serverIdentifier: string) =>
      answerOf(
        pxe,
        { serverIdentifier, vendorClass: 'PXEClient', vendorSpecific: skipDiscovery, bootFileName: 'x.efi' },
        { yiaddr: noAddress },
      );
    const gives = answerOf(pxe, {});
    expect(idsOf(gives, proxy('10.0.0.2'))).toEqual(['pass boot/dhcp-server']);
    expect(idsOf(gives, proxy('10.0.0.3'))).toEqual(['pass boot/dhcp-server', 'fail boot/second-proxy']);
  });

  it('fails where nobody gives addresses, and warns of two that do', () => {
    expect(idsOf()).toEqual(['fail boot/dhcp-server']);
    expect(idsOf(answerOf(pxe, {}), answerOf(pxe, { serverIdentifier: '10.0.0.9' }))).toEqual([
      'warn boot/dhcp-server',
    ]);
  });

  it('names a server that UEFI cannot hear', () => {
    const answer = answerOf(pxe, {});
    const { packet } = answer;
    const options = new Map([...packet.options].filter(([code]) => code !== 54));
    const mute = { ...answer, packet: { ...packet, options } };
    expect(idsOf(mute)).toEqual(['pass boot/dhcp-server', 'warn boot/no-server-identifier']);
    expect(describeAnswer(mute)).toMatch(/^UEFI drops it/);
  });
});
