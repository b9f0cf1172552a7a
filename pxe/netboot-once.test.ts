import { describe, expect, it } from 'vitest';
import type { Event } from '../core/event.ts';
import { Journal } from '../core/journal.ts';
import { MemoryFiles } from '../test/fakes/memory-files.ts';
import { VirtualClock } from '../test/fakes/virtual-clock.ts';
import type { BootIntent } from './decide-boot.ts';
import { NetbootOnce } from './netboot-once.ts';

const installed: BootIntent = { kind: 'local-disk', machine: 'node-1' };
const boot: BootIntent = { kind: 'boot', machine: 'node-1' };
const served = (file: string, change: { complete?: boolean; address?: string } = {}): Event => ({
  type: 'file.served',
  address: '10.0.0.11',
  file,
  protocol: 'http',
  bytes: 1,
  complete: true,
  ...change,
});
const machineAt = (address: string) => (address === '10.0.0.11' ? 'node-1' : undefined);

describe('NetbootOnce', () => {
  it('gives an installed machine one boot from the network, and its disk afterwards', async () => {
    const { once } = await site();
    expect(once.intent(installed)).toBe(installed);
    await once.ask('node-1');
    expect(once.intent(installed)).toEqual(boot);
    expect(once.intent(installed)).toEqual(boot);
    await once.note(served('talos-amd64.efi'), machineAt);
    expect(once.intent(installed)).toBe(installed);
  });

  it.each<[string, Event]>([
    ['a transfer that broke off', served('talos-amd64.efi', { complete: false })],
    ['the network loader alone', served('undionly.kpxe')],
    ['the kernel without its initrd', served('talos-amd64.linux')],
    ['what another machine fetched', served('talos-amd64.efi', { address: '10.0.0.12' })],
  ])('is not used up by %s', async (_, event) => {
    const { once } = await site();
    await once.ask('node-1');
    await once.note(event, machineAt);
    expect(once.intent(installed)).toEqual(boot);
  });

  it('is used up by the initrd, which iPXE fetches last', async () => {
    const { once } = await site();
    await once.ask('node-1');
    await once.note(served('talos-amd64.initrd'), machineAt);
    expect(once.isAsked('node-1')).toBe(false);
  });

  it('survives the process, and so does its use', async () => {
    const { once, again } = await site();
    await once.ask('node-1');
    expect((await again()).intent(installed)).toEqual(boot);
    await (await again()).note(served('talos-amd64.efi'), machineAt);
    const last = await again();
    expect(last.intent(installed)).toBe(installed);
    await last.ask('node-1');
    expect(last.intent(installed)).toEqual(boot);
  });

  it('lets in nobody who is held', async () => {
    const { once } = await site();
    await once.ask('node-1');
    const held: BootIntent = { kind: 'hold', machine: 'node-1', reason: 'two entries mean it' };
    expect(once.intent(held)).toBe(held);
  });
});

async function site() {
  const ports = { files: new MemoryFiles(), clock: new VirtualClock() };
  const again = async () => new NetbootOnce(await Journal.open('/journal', ports));
  return { once: await again(), again };
}
