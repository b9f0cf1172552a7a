import { expect } from 'vitest';
import type { StampedEvent } from '../../core/event.ts';
import type { ExitCode } from '../../core/fault.ts';
import type { SiteRun } from './start-site.ts';

const toldEvents = 12;

/**
 * That a run ended so, by itself or killed, and with a fault of that code when one is given. If not, the message says what
 * the run told last: an exit code alone explains nothing in the log of a suite that failed elsewhere.
 */
export function expectExit(run: SiteRun, end: ExitCode | 'SIGKILL', fault?: string): void {
  const told = faultsOf(run).map(({ code }) => code);
  const isSilent = end !== 0 || run.err === '';
  const ended = { end: run.signal ?? run.exitCode, isSilent, fault: fault === undefined ? undefined : told[0] };
  expect(ended, describeRun(run)).toEqual({ end, isSilent: true, fault });
}

/** The faults that a run told, those of steps first. */
export const faultsOf = ({ events }: SiteRun) =>
  events.flatMap((event) =>
    (event.type === 'step.failed' || event.type === 'run.finished') && event.fault !== undefined ? [event.fault] : [],
  );

/** How a run ended, in words. */
export function describeRun(run: SiteRun): string {
  const faults = faultsOf(run).map(({ code, title, state }) => `${code}: ${title} ${state}`);
  return [
    `the run ended with ${run.signal ?? `exit ${run.exitCode}`}`,
    ...(faults.length === 0 ? ['no fault was told'] : faults),
    `the last of ${run.events.length} events:`,
    ...run.events.slice(-toldEvents).map(renderEvent),
    run.err === '' ? 'nothing on stderr' : `stderr: ${run.err}`,
  ].join('\n  ');
}

function renderEvent({ at, type, ...more }: StampedEvent): string {
  const text = JSON.stringify(more);
  return `${at} ${type} ${text.length > 300 ? `${text.slice(0, 300)}…` : text}`;
}
