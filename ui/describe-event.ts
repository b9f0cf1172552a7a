import type { StampedEvent } from '../core/event.ts';
import type { FaultView } from '../core/fault.ts';
import { renderDuration } from '../core/millis.ts';
import { spanBetween } from '../core/timestamp.ts';
import type { Tone } from './machine-state.ts';
import { renderBytes } from './render-bytes.ts';
import { renderFault } from './render-fault.ts';
import { renderPlan } from './render-plan.ts';
import type { RunView, StepView } from './run-view.ts';
import { stepName } from './step-name.ts';

/** What is to be said of an event: a word that names its kind, and one sentence or more. */
export interface EventLines {
  readonly word: string;
  readonly lines: readonly [string, ...string[]];
  readonly tone?: Tone;
  /** It tells a fault: in plain mode it goes to the error stream. */
  readonly isFault?: true;
  /** The live screen shows the same for as long as it matters. */
  readonly isPassing?: true;
}

/** Reasons for dropped packets that are told once each; what comes after that many is only counted. */
const toldDropReasons = 20;

/**
 * What an event has to tell, or `undefined` when it tells nothing new. `before` is the view without the event, so that
 * a thing that is said again and again is told when it changes.
 */
export function describeEvent(event: StampedEvent, before: RunView): EventLines | undefined {
  switch (event.type) {
    case 'run.started':
      return { word: 'run', lines: [`${event.command}: ${event.rack}, ${countRoles(event.machines)}`] };
    case 'boot.listening':
      return {
        word: 'listen',
        lines: [`${event.address} on ${event.interface}: ${event.services.join(', ')}`],
        isPassing: true,
      };
    case 'boot.decided': {
      if (event.machine === undefined && before.strangers.some(({ mac }) => mac === event.mac)) return undefined;
      const who = event.machine === undefined ? event.mac : `${event.machine} (${event.mac})`;
      return { word: 'boot', lines: [`${who} by ${event.firmware}: ${event.decision}`], isPassing: true };
    }
    case 'boot.asked':
    case 'boot.addressed':
    case 'file.probed':
    case 'file.started':
      // Of these only what they come to is told: the machine's row, or `rackwright boot trace`.
      return undefined;
    case 'file.served':
      if (event.bytes === 0) return undefined;
      return {
        word: 'served',
        lines: [
          event.complete
            ? `${event.file} to ${event.address} over ${event.protocol}, ${renderBytes(event.bytes)}`
            : `${event.file} to ${event.address} over ${event.protocol}, broken off after ${renderBytes(event.bytes)}`,
        ],
        isPassing: true,
      };
    case 'packet.dropped':
      if (before.drops.has(event.reason) || before.drops.size >= toldDropReasons) return undefined;
      return { word: 'dropped', lines: [`a packet from ${event.from}: ${event.reason}`], isPassing: true };
    case 'lease.changed': {
      if (event.state === 'renewed') return undefined;
      const sentence = {
        given: `${event.address} to ${event.mac}`,
        released: `${event.address} given back by ${event.mac}`,
        conflict: `${event.address} is used by somebody who did not get it from us; ${event.mac} gets another one`,
      }[event.state];
      return { word: 'lease', lines: [sentence], ...(event.state === 'conflict' ? {} : { isPassing: true }) };
    }
    case 'machine.observed': {
      const known = before.machines.find((machine) => machine.name === event.machine);
      if (known?.stage === event.stage && known.address === event.address) return undefined;
      return { word: 'seen', lines: [`${event.machine} at ${event.address}: ${event.stage}`], isPassing: true };
    }
    case 'machine.held': {
      const known = before.strangers.find((stranger) => stranger.mac === event.mac);
      if (known?.reason === event.reason && known.address === event.address) return undefined;
      const who = event.address === undefined ? event.mac : `${event.mac} at ${event.address}`;
      return { word: 'held', lines: [`${who}: ${event.reason}`], tone: 'bad' };
    }
    case 'check.finished': {
      // What passed and what nobody knows is counted in the plan.
      if (event.status !== 'fail') return undefined;
      const who = event.machine === undefined ? event.check : `${event.machine}: ${event.check}`;
      if (event.override !== undefined)
        return {
          word: 'override',
          lines: [`${who}: ${event.says}`, `goes on because: ${event.override}`],
          tone: 'loud',
        };
      return {
        word: 'check',
        lines: [`${who}: ${event.says}`, ...(event.hint === undefined ? [] : [event.hint])],
        tone: 'bad',
      };
    }
    case 'plan.doubted':
      return { word: 'careful', lines: [event.reason], tone: 'loud' };
    case 'plan.proposed':
      return { word: 'plan', lines: ['the plan is:', ...renderPlan(event.plan).split('\n')] };
    case 'plan.approved':
      return { word: 'approved', lines: [`plan ${event.plan.slice(0, 12)}`] };
    case 'step.started':
      return { word: 'start', lines: [stepName(event)], isPassing: true };
    case 'step.waiting': {
      if (stepIn(before, event.step)?.reason === event.reason) return undefined;
      return { word: 'wait', lines: [`${stepName(event)}: ${event.reason}`], isPassing: true };
    }
    case 'step.done': {
      const span = renderDuration(spanBetween(stepIn(before, event.step)?.since, event.at));
      return {
        word: 'done',
        lines: [`${stepName(event)} (${event.alreadyDone ? 'was done already' : span})`],
        tone: 'good',
      };
    }
    case 'step.failed': {
      const [title, ...rest] = renderFault(event.fault);
      const isNamed = title.includes(event.title);
      const line = isNamed ? stepName({ ...event, title }) : `${stepName(event)}: ${title}`;
      return { word: 'failed', lines: [line, ...rest], tone: 'bad', isFault: true };
    }
    case 'step.held':
      return {
        word: 'held',
        lines: [`${stepName(event)}: not started, because it comes after ${event.because}`],
        tone: 'bad',
      };
    case 'file.written':
      return { word: 'written', lines: [`${event.what}: ${event.path}`] };
    case 'run.interrupted':
      return { word: 'leaving', lines: [interruption(event.inFlight)], tone: 'loud' };
    case 'run.finished': {
      const end = `${event.outcome} (exit code ${event.exitCode})`;
      const next = event.next === undefined ? [] : [`next  ${event.next}`];
      const tone = event.exitCode === 0 ? 'good' : 'bad';
      const told = event.fault === undefined || isTold(event.fault, before) ? [] : renderFault(event.fault);
      // Of a plan that was only shown nothing has gone wrong.
      const isFault = event.exitCode !== 0 && event.exitCode !== 2;
      return { word: 'finished', lines: [end, ...told, ...next], tone, ...(isFault ? { isFault } : {}) };
    }
  }
}

const interruption = (inFlight: readonly string[]): string =>
  inFlight.length === 0
    ? 'nothing is in flight, and nothing more is started'
    : `nothing more is started; waiting for ${inFlight.join(', ')}`;

const stepIn = (view: RunView, id: string): StepView | undefined => view.steps.find((step) => step.id === id);

const isTold = (fault: FaultView, { steps }: RunView): boolean =>
  steps.some((step) => step.fault?.code === fault.code && step.fault.title === fault.title);

function countRoles(machines: readonly { readonly role: string }[]): string {
  const roles = [...new Set(machines.map((machine) => machine.role))];
  return roles.map((role) => `${machines.filter((machine) => machine.role === role).length} ${role}`).join(' and ');
}
