import { describe, expect, it } from 'vitest';
import type { Event } from '../core/event.ts';
import { macOfBytes } from '../core/mac-address.ts';
import type { Fact } from '../core/rack.ts';
import { bootFilesFor } from './boot-file.ts';
import { BootRegister } from './boot-register.ts';
import type { BootIntent } from './decide-boot.ts';
import { httpClient, pxeClient } from './request.fixture.ts';

describe('BootRegister', () => {
  it('tells a fact each time, and an event only when the answer changes', () => {
    const { register, events, facts, wish } = registerWith({ kind: 'boot', machine: 'node-1' });
    register.decide(pxeClient);
    register.decide(pxeClient);
    wish({ kind: 'local-disk', machine: 'node-1' });
    register.decide(pxeClient);
    expect(events).toMatchObject([
      { type: 'boot.decided', mac: pxeClient.mac, machine: 'node-1', firmware: 'uefi-pxe', decision: 'uki-tftp' },
      { type: 'boot.decided', decision: 'local-disk' },
    ]);
    expect(facts).toMatchObject([
      { kind: 'boot', uuid: pxeClient.uuid, boot: { firmware: 'uefi-pxe', offered: 'tftp:talos-amd64.efi' } },
      { boot: { offered: 'tftp:talos-amd64.efi' } },
      { boot: { firmware: 'uefi-pxe' } },
    ]);
    expect(facts[2]).not.toHaveProperty('boot.offered');
  });

  it('shows a stranger with the reason why it is held', () => {
    const { register, events } = registerWith({ kind: 'hold', reason: 'not in the rack file' });
    register.decide(pxeClient);
    expect(events).toEqual([
      { type: 'boot.decided', mac: pxeClient.mac, firmware: 'uefi-pxe', decision: 'hold: not in the rack file' },
    ]);
  });

  it('opens a file while a machine that asked is to boot it, and only that file', () => {
    const [overTftp] = bootFilesFor(pxeClient);
    const [overHttp] = bootFilesFor(httpClient);
    if (overTftp === undefined || overHttp === undefined) throw new Error('the table lacks x64');
    const { register, wish } = registerWith({ kind: 'boot', machine: 'node-1' });
    expect(register.isWanted(overTftp)).toBe(false);
    register.decide(pxeClient);
    expect([register.isWanted(overTftp), register.isWanted(overHttp)]).toEqual([true, false]);
    wish({ kind: 'local-disk', machine: 'node-1' });
    expect(register.isWanted(overTftp)).toBe(false);
  });

  it('forgets machines that were silent for longest, when more come than any rack holds', () => {
    const { register, events } = registerWith({ kind: 'hold', reason: 'not in the rack file' });
    register.decide(pxeClient);
    for (let n = 0; n < 2 * 4096; n += 1) {
      register.decide({ ...pxeClient, mac: macOfBytes(Uint8Array.of(2, 0, 0, 0, n >> 8, n)) });
    }
    const before = events.length;
    register.decide(pxeClient);
    expect(events).toHaveLength(before + 1);
  });
});

function registerWith(intent: BootIntent) {
  let wished = intent;
  const events: Event[] = [];
  const facts: Fact[] = [];
  const register = new BootRegister({
    offers: { ukis: { amd64: '/srv/amd64' }, httpOrigin: 'http://10.0.0.2:8080' },
    emit: (event) => events.push(event),
    observe: (fact) => facts.push(fact),
    intentOf: () => wished,
  });
  const wish = (other: BootIntent) => {
    wished = other;
  };
  return { register, events, facts, wish };
}
