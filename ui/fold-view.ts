import { foldBoot } from '../core/boot-timeline.ts';
import type { StampedEvent } from '../core/event.ts';
import { changeStep, foldPlan } from './fold-steps.ts';
import { emptyView, type MachineView, type RunView, type StrangerView } from './run-view.ts';

type EventOf<Type extends StampedEvent['type']> = Extract<StampedEvent, { type: Type }>;

/** The view after this event. Pure: the same events give the same view, whoever folds them and whenever. */
export function foldView(view: RunView, event: StampedEvent): RunView {
  const after = foldRun(view, event);
  const boots = foldBoot(after.boots, event);
  return boots === after.boots ? after : { ...after, boots };
}

function foldRun(view: RunView, event: StampedEvent): RunView {
  switch (event.type) {
    case 'run.started':
      return {
        ...emptyView,
        command: event.command,
        rack: event.rack,
        startedAt: event.at,
        machines: event.machines,
      };
    case 'boot.listening':
      return {
        ...view,
        listening: { interface: event.interface, address: event.address, services: event.services },
      };
    case 'boot.decided':
      return foldDecision(view, event);
    case 'file.served': {
      const { address, file, protocol, bytes, complete } = event;
      // A TFTP client asks for the size first and an HTTP client sends HEAD: nothing was fetched yet.
      return bytes === 0 ? view : { ...view, transfer: { address, file, protocol, bytes, complete } };
    }
    case 'packet.dropped':
      return { ...view, drops: new Map(view.drops).set(event.reason, (view.drops.get(event.reason) ?? 0) + 1) };
    case 'boot.asked':
    case 'boot.addressed':
    case 'file.probed':
    case 'file.started':
    case 'lease.changed':
      return view;
    case 'machine.observed':
      return {
        ...changeMachine(view, event.machine, { address: event.address, stage: event.stage }),
        strangers: view.strangers.filter((stranger) => stranger.address !== event.address),
      };
    case 'machine.held':
      return changeStranger(view, {
        mac: event.mac,
        reason: event.reason,
        ...(event.address === undefined ? {} : { address: event.address }),
      });
    case 'plan.proposed':
      return { ...view, plan: event.plan, steps: foldPlan(view.steps, event.plan) };
    case 'check.finished':
    case 'plan.doubted':
      return view;
    case 'plan.approved':
      return { ...view, approved: event.plan };
    case 'step.started':
      return changeStep(view, event, { status: 'running' });
    case 'step.waiting':
      return changeStep(view, event, { reason: event.reason });
    case 'step.done':
      return changeStep(view, event, { status: 'done' });
    case 'step.failed':
      return changeStep(view, event, { status: 'failed', fault: event.fault });
    case 'step.held':
      return changeStep(view, event, { status: 'held', reason: event.because });
    case 'file.written':
      return view;
    case 'run.interrupted':
      return { ...view, interrupted: event.inFlight };
    case 'run.finished':
      return {
        ...view,
        outcome: {
          text: event.outcome,
          exitCode: event.exitCode,
          ...(event.next === undefined ? {} : { next: event.next }),
          ...(event.fault === undefined ? {} : { fault: event.fault }),
        },
      };
  }
}

/** A machine that its firmware boots again is booting, or held, whatever was seen of it before. */
function foldDecision(view: RunView, event: EventOf<'boot.decided'>): RunView {
  const { mac, firmware, decision, machine } = event;
  if (machine === undefined) {
    const known = view.strangers.find((stranger) => stranger.mac === mac);
    return changeStranger(view, { mac, firmware, reason: known?.reason ?? decision });
  }
  return {
    ...changeMachine(view, machine, {
      stage: decision.startsWith('hold') ? 'held' : 'booting',
      boot: { mac, firmware, decision },
    }),
    strangers: view.strangers.filter((stranger) => stranger.mac !== mac),
  };
}

function changeMachine(view: RunView, name: string, change: Partial<MachineView>): RunView {
  const isKnown = view.machines.some((machine) => machine.name === name);
  const machines = isKnown ? view.machines : [...view.machines, { name, role: '' }];
  return {
    ...view,
    machines: machines.map((machine) => (machine.name === name ? { ...machine, ...change } : machine)),
  };
}

function changeStranger(view: RunView, change: StrangerView): RunView {
  const before = view.strangers.find((stranger) => stranger.mac === change.mac);
  if (before === undefined) return { ...view, strangers: [...view.strangers, change] };
  return {
    ...view,
    strangers: view.strangers.map((stranger) => (stranger === before ? { ...before, ...change } : stranger)),
  };
}
