import type { Event, StampedEvent } from '../../core/event.ts';
import type { FaultView } from '../../core/fault.ts';
import { macOfBytes } from '../../core/mac-address.ts';
import type { PlannedMachine, PlanView } from '../../core/plan-view.ts';
import { foldView } from '../fold-view.ts';
import { emptyView, type RunView } from '../run-view.ts';

/** The event as seen this many seconds after 10:00. */
export function stamp(event: Event, secondsLater = 0): StampedEvent {
  const clock = [Math.floor(secondsLater / 60), secondsLater % 60].map((part) => String(part).padStart(2, '0'));
  return { at: `2026-09-11T10:${clock.join(':')}.250Z`, ...event };
}

/** The view after these events, a second apart. */
export const viewAfter = (...events: Event[]): RunView =>
  events.reduce<RunView>((view, event, index) => foldView(view, stamp(event, index)), emptyView);

export const macOf = (last: number) => macOfBytes(Uint8Array.of(0x52, 0x54, 0, 0, 0, last));

const plannedMachine = (name: string, role: string, last: number): PlannedMachine => ({
  name,
  role,
  from: `10.0.0.${100 + last}`,
  address: `10.0.0.${10 + last}`,
  uuid: `4c4c4544-0042-3510-8052-b4c04f5931${String(last).padStart(2, '0')}`,
  macs: [macOf(last)],
  writes: {
    path: '/dev/nvme0n1',
    serial: `S64FNX0R90000${last}`,
    model: 'SAMSUNG MZQL2480HCJR-00A07',
    sizeBytes: '480103981056',
    signatures: [],
  },
});

const [control, worker] = [plannedMachine('cp-1', 'controlplane', 1), plannedMachine('node-1', 'worker', 2)];

/** Two machines; the worker's disk carries an old system. */
export const samplePlan: PlanView = {
  rack: 'rack-7',
  digest: '3f9c2a10b7d84e6f3f9c2a10b7d84e6f3f9c2a10b7d84e6f3f9c2a10b7d84e6f',
  machines: [
    control,
    {
      ...worker,
      writes: {
        path: '/dev/sda',
        serial: 'WD-WX42D70LAKF3',
        sizeBytes: '1920383410176',
        signatures: ['gpt', 'ext4 on sda2', 'lvm2-pv on sda3'],
      },
    },
  ],
  steps: [
    { id: 'install/cp-1', title: 'Install Talos', machine: 'cp-1', after: [] },
    { id: 'install/node-1', title: 'Install Talos', machine: 'node-1', after: [] },
    { id: 'bootstrap', title: 'Bootstrap etcd', after: ['install/cp-1'] },
  ],
};

export const sampleFault: FaultView = {
  code: 'core/step-timeout',
  title: 'Install Talos: not done after 15m00s; last seen: back in maintenance',
  state: 'What was done so far stays.',
  remedy: 'Run the same command again.',
  places: [],
};

export const started: Event = {
  type: 'run.started',
  command: 'rackwright up rack.yaml',
  rack: 'rack-7',
  machines: [
    { name: 'cp-1', role: 'controlplane' },
    { name: 'node-1', role: 'worker' },
  ],
};

/** A run up to the middle of its installs. */
export const sampleRun: readonly Event[] = [
  started,
  {
    type: 'boot.listening',
    interface: 'eth1',
    address: '10.0.0.1',
    services: ['proxyDHCP 67', 'TFTP 69', 'HTTP 8080'],
  },
  {
    type: 'boot.decided',
    mac: macOf(1),
    machine: 'cp-1',
    firmware: 'UEFI HTTP x64',
    decision: 'talos-amd64.efi over HTTP',
  },
  {
    type: 'file.served',
    address: '10.0.0.101',
    file: 'talos-amd64.efi',
    protocol: 'http',
    bytes: 91_230_208,
    complete: true,
  },
  { type: 'machine.held', mac: macOf(9), address: '10.0.0.109', reason: 'not in the rack file' },
  { type: 'machine.observed', machine: 'cp-1', address: '10.0.0.101', stage: 'maintenance' },
  { type: 'machine.observed', machine: 'node-1', address: '10.0.0.102', stage: 'maintenance' },
  { type: 'plan.proposed', plan: samplePlan },
  { type: 'plan.approved', plan: samplePlan.digest },
  {
    type: 'step.waiting',
    step: 'install/cp-1',
    title: 'Install Talos',
    machine: 'cp-1',
    reason: 'it is in maintenance mode',
  },
  { type: 'step.started', step: 'install/cp-1', title: 'Install Talos', machine: 'cp-1' },
  { type: 'machine.observed', machine: 'cp-1', address: '10.0.0.101', stage: 'installing' },
  {
    type: 'step.waiting',
    step: 'install/cp-1',
    title: 'Install Talos',
    machine: 'cp-1',
    reason: 'the installer writes /dev/nvme0n1',
  },
];
