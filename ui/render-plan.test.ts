import { describe, expect, it } from 'vitest';
import type { PlannedDisk } from '../core/plan-view.ts';
import { renderPlan } from './render-plan.ts';
import { samplePlan } from './testing/sample-run.ts';

const withDisk = (writes: PlannedDisk) => ({
  ...samplePlan,
  machines: samplePlan.machines.slice(0, 1).map((machine) => ({ ...machine, writes })),
});

describe('renderPlan', () => {
  it('shows each machine, the disk that is written by its serial, what is lost, and the steps', () => {
    expect(renderPlan(samplePlan)).toMatchInlineSnapshot(`
      "Plan 3f9c2a10b7d8 for rack-7

      cp-1 (controlplane): 10.0.0.101 -> 10.0.0.11
          uuid 4c4c4544-0042-3510-8052-b4c04f593101, mac 52:54:00:00:00:01
          writes /dev/nvme0n1, serial S64FNX0R900001, 480 GB SAMSUNG
            MZQL2480HCJR-00A07
          holds nothing that we know of

      node-1 (worker): 10.0.0.102 -> 10.0.0.12
          uuid 4c4c4544-0042-3510-8052-b4c04f593102, mac 52:54:00:00:00:02
          writes /dev/sda, serial WD-WX42D70LAKF3, 1.92 TB
          !! DESTROYS what is on it now: gpt, ext4 on sda2, lvm2-pv on sda3

      Steps, each as soon as those that it comes after are done:
        1. cp-1: Install Talos
        2. node-1: Install Talos
        3. Bootstrap etcd

      2 disks will be written.
      !! DATA WILL BE LOST on 1 disk:
         node-1 serial WD-WX42D70LAKF3: gpt, ext4 on sda2, lvm2-pv on sda3"
    `);
  });

  it('fits 80 columns whatever the names', () => {
    const long = 'x'.repeat(200);
    const plan = {
      ...samplePlan,
      machines: samplePlan.machines.map((machine) => ({
        ...machine,
        name: long,
        macs: Array.from({ length: 12 }, () => '52:54:00:00:00:01'),
        writes: { path: `/dev/${long}`, serial: long, model: long, sizeBytes: '1', signatures: [long, long] },
      })),
      steps: samplePlan.steps.map((step) => ({ ...step, machine: long, title: `${long} ${long}` })),
    };
    for (const line of renderPlan(plan).split('\n')) expect(line.length).toBeLessThan(80);
  });

  it('never cuts a serial number', () => {
    const serial = Array.from({ length: 30 }, (_, index) => `S${index}-`).join('');
    const text = renderPlan(withDisk({ path: '/dev/sda', serial, sizeBytes: '1', signatures: [] }));
    expect(text.replaceAll(/\s/g, '')).toContain(serial);
  });

  it('names the WWID where there is no serial, and says where there is neither', () => {
    const disk = { path: '/dev/sda', sizeBytes: '1', signatures: [] };
    expect(renderPlan(withDisk({ ...disk, wwid: 'naa.5000c500a1b2c3d4' }))).toContain('wwid naa.5000c500a1b2c3d4');
    expect(renderPlan(withDisk(disk))).toContain('no serial and no wwid');
  });

  it('says loudly and twice that data would be lost, the second time after the steps', () => {
    const lines = renderPlan(samplePlan).split('\n');
    const loud = lines.flatMap((line, index) => (line.includes('!!') ? [index] : []));
    expect(loud).toHaveLength(2);
    expect(loud[1]).toBeGreaterThan(lines.findIndex((line) => line.includes('Bootstrap etcd')));
  });

  it('is not loud where the disks are blank', () => {
    const text = renderPlan(withDisk({ path: '/dev/sda', serial: 'A', sizeBytes: '1', signatures: [] }));
    expect(text).not.toContain('!!');
    expect(text).toContain('1 disk will be written; no data was found there.');
  });

  it('says that a machine with Talos on it keeps its disk', () => {
    const machines = samplePlan.machines.map(({ writes: _, ...machine }) => machine);
    const text = renderPlan({ ...samplePlan, machines });
    expect(text).toContain('writes no disk: Talos is installed');
    expect(text).toContain('No disk will be written.');
  });

  it('is plain ASCII, also where a disk is not', () => {
    const disk = { path: '/dev/sda', serial: 'A\u001b[2J', model: 'Größe…', sizeBytes: '1', signatures: ['a\nb'] };
    expect(renderPlan(withDisk(disk))).toMatch(/^[ -~\n]*$/);
  });
});

describe('renderPlan with checks', () => {
  const checked = {
    ...samplePlan,
    estimatedMinutes: 33,
    machines: samplePlan.machines.map((machine) => {
      if (machine.name !== 'node-1') return { ...machine, fingerprint: 'c2hh' };
      const { writes: _, ...rest } = machine;
      return { ...rest, blockedBy: ['cpu'] };
    }),
    checks: [
      { check: 'vip', status: 'fail', says: 'It is taken.', hint: 'Choose another.', override: 'it is mine' },
      { check: 'cpu', machine: 'cp-1', status: 'pass', says: 'It has 16 cores.' },
      { check: 'memory', machine: 'cp-1', status: 'unknown', says: 'Not known.', hint: 'Look.' },
      { check: 'cpu', machine: 'node-1', status: 'fail', says: 'It has 0 cores.', hint: 'Use another.' },
    ] as const,
  };
  const text = renderPlan(checked);

  it('says of each machine what failed and what to do, and counts the rest', () => {
    expect(text).toContain('    certificate c2hh\n');
    expect(text).toContain('    checks: 1 passed; not known: memory\n');
    expect(text).toContain('    writes no disk: held back by cpu\n');
    expect(text).toContain('    !! FAILED cpu: It has 0 cores.\n');
    expect(text).toContain('Use another.');
    expect(text).toContain('1 disk will be written');
  });

  it('shows what goes on against a failed check, and why', () => {
    expect(text).toMatch(/The rack as a whole:\n {4}goes on against vip: It is taken\. Reason given: it is mine\n/);
    expect(text).not.toContain('FAILED vip');
  });

  it('says that a time is an estimate', () => {
    expect(text).toContain('(estimate: 33 minutes)');
  });

  it('tells the essentials of a new config, and all of a change', () => {
    const withChanges = (changes: { document: string; path: string; before?: string; after?: string }[]) =>
      renderPlan({ ...samplePlan, machines: samplePlan.machines.slice(0, 1).map((one) => ({ ...one, changes })) });
    const fresh = withChanges([
      { document: 'main', path: 'machine.type', after: 'controlplane' },
      { document: 'main', path: 'machine.token', after: '(secret 1a2b)' },
    ]);
    expect(fresh).toContain('machine.type controlplane');
    expect(fresh).not.toContain('machine.token');
    expect(fresh).toContain('and 1 more value, all in the plan file');
    const change = withChanges([{ document: 'main', path: 'machine.sysctls.x', before: '1', after: '2' }]);
    expect(change).toContain('machine.sysctls.x - 1 + 2');
    expect(withChanges([])).toContain('config: no change');
  });
});
