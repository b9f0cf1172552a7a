import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeUki, prompt } from './make-uki.ts';
import { type FirmwareMachine, powerOn } from './power-on.ts';
import { ProvisioningNetwork, serverAddress } from './provisioning-network.ts';
import type { RunningProgram } from './running-program.ts';

const commandLine = 'console=ttyS0 panic=1 rackwright.proof=embedded-in-the-uki';
const httpMachine: FirmwareMachine = {
  mac: '52:54:00:98:00:01',
  uuid: '11223344-5566-7788-99aa-bbccddeeff01',
  boot: 'http',
};
const pxeMachine: FirmwareMachine = {
  mac: '52:54:00:98:00:02',
  uuid: '11223344-5566-7788-99aa-bbccddeeff02',
  boot: 'pxe',
};
const stranger: FirmwareMachine = {
  mac: '52:54:00:98:00:99',
  uuid: '11223344-5566-7788-99aa-bbccddeeff99',
  boot: 'pxe',
};

let directory: string | undefined;
let uki: string;
const network = new ProvisioningNetwork(`rackwright-${process.pid}`);
let bootServer: RunningProgram;
let machine: RunningProgram | undefined;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'rackwright-firmware-'));
  uki = await makeUki(directory, commandLine);
  await network.open();
  await network.startDhcpServer();
  const program = join(import.meta.dirname, 'boot-server.ts');
  bootServer = network.start(process.execPath, [program, serverAddress, uki, httpMachine.mac, pxeMachine.mac]);
  await bootServer.until('boot server listens', 10_000, (printed) => printed.includes('boot.listening') || undefined);
});

afterEach(async () => {
  await machine?.stop();
  machine = undefined;
});

afterAll(async () => {
  await network.close();
  if (directory !== undefined) await rm(directory, { recursive: true, force: true });
});

describe('OVMF x64, beside a DHCP server that gives addresses only', () => {
  it('boots the UKI by UEFI HTTP boot to a Linux prompt', async () => {
    machine = await powerOn(network, dirname(uki), httpMachine);
    await expectLinux(machine);
    expect(await said('boot.decided', httpMachine.mac)).toMatchObject({
      machine: 'machine-1',
      firmware: 'uefi-http',
      decision: 'uki-http',
    });
    await expectServed('http');
    expectFacts(machine, httpMachine, `http://${serverAddress}:8080/talos-amd64.efi`);
  });

  it('boots the UKI by PXE over TFTP to a Linux prompt', async () => {
    machine = await powerOn(network, dirname(uki), pxeMachine);
    await expectLinux(machine);
    expect(await said('boot.decided', pxeMachine.mac)).toMatchObject({
      machine: 'machine-2',
      firmware: 'uefi-pxe',
      decision: 'uki-tftp',
    });
    await expectServed('tftp');
    expectFacts(machine, pxeMachine, 'tftp:talos-amd64.efi');
  });

  it('says nothing at all to a machine that is not in the rack', async () => {
    const sentBefore = linesOf(bootServer, 'sent').length;
    expect(sentBefore).toBeGreaterThan(0);
    machine = await powerOn(network, dirname(uki), stranger);
    expect(await said('boot.decided', stranger.mac)).toMatchObject({ decision: 'hold: not in the rack file' });
    await bootServer.until(
      'the firmware asks for the third time',
      60_000,
      () =>
        linesOf(bootServer).filter((fact) => fact['kind'] === 'boot' && fact['mac'] === stranger.mac).length >= 3 ||
        undefined,
    );
    expect(linesOf(bootServer, 'sent').slice(sentBefore)).toEqual([]);
  });
});

/** The kernel got the command line of the UKI and nothing else, and a shell answers what is typed. */
async function expectLinux(console: RunningProgram): Promise<void> {
  await console.until('a Linux prompt', 90_000, (printed) => printed.includes(prompt) || undefined);
  expect(/COMMAND-LINE=(.*)=\r?\n/.exec(console.printed)?.[1]).toBe(commandLine);
  console.type('echo answer-$((6*7))\n');
  await console.until('the answer', 20_000, (printed) => printed.includes('answer-42') || undefined);
}

async function expectServed(protocol: 'http' | 'tftp'): Promise<void> {
  const { size } = await stat(uki);
  const served = linesOf(bootServer, 'file.served').filter((event) => event['protocol'] === protocol);
  expect(served).toEqual([
    {
      type: 'file.served',
      address: expect.any(String) as string,
      file: 'talos-amd64.efi',
      protocol,
      bytes: size,
      complete: true,
    },
  ]);
}

/** We know what the firmware said of itself, and the address that it says it got from the other server. */
function expectFacts(console: RunningProgram, { mac, uuid, boot }: FirmwareMachine, offered: string): void {
  const address = /Station IP address is (\d+\.\d+\.\d+\.\d+)/.exec(console.printed)?.[1];
  const facts = linesOf(bootServer).filter((line) => line['kind'] !== undefined && line['mac'] === mac);
  expect(facts).toContainEqual({ kind: 'boot', mac, uuid, boot: { firmware: `uefi-${boot}`, offered } });
  expect(facts).toContainEqual({ kind: 'address', mac, address });
}

function said(type: string, mac: string): Promise<Record<string, unknown>> {
  return bootServer.until(`${type} for ${mac}`, 60_000, () =>
    linesOf(bootServer, type).find((event) => event['mac'] === mac),
  );
}

function linesOf(program: RunningProgram, type?: string): Record<string, unknown>[] {
  const whole = program.printed.split('\n').slice(0, -1);
  const lines = whole.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Record<string, unknown>);
  return lines.filter((line) => type === undefined || line['type'] === type);
}
