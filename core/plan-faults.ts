import { defineFault } from './fault.ts';
import { type Millis, renderDuration } from './millis.ts';

export const stepTimeout = defineFault<{ title: string; after: Millis; reason: string }>('core/step-timeout', {
  kind: 'environment',
  exitCode: 6,
  title: ({ title, after, reason }) => `${title}: not done after ${renderDuration(after)}; last seen: ${reason}`,
  state: () => 'What was done so far stays; steps that come after this one were not started.',
  remedy: () => 'Look at the last reason, mend it, and run the same command again: it goes on where it stopped.',
});

export const onceUncertain = defineFault<{ title: string; step: string; reason: string }>('core/once-uncertain', {
  kind: 'operator',
  exitCode: 3,
  title: ({ title, reason }) =>
    `${title}: this was started before, and the machine does not show it as done: ${reason}`,
  state: () => 'It was not repeated, because doing it twice could lose data.',
  remedy: ({ step }) => `Look at the machine. If it is safe to do it again, run the same command with --retry ${step}`,
});

export const planImpossible = defineFault<{ step: string; needs: string }>('core/plan-impossible', {
  kind: 'bug',
  title: ({ step, needs }) => `Step ${step} comes after ${needs}, which is not before it in the plan`,
  state: () => 'Nothing was started.',
  remedy: () => 'Please report this with the rack file.',
});
