import { nodeClock } from '../../../bin/platform/node-clock.ts';
import { fluxObjects, type KubeClient, type KubeObject } from '../../../cluster/index.ts';
import type { Event } from '../../../core/event.ts';
import { Journal } from '../../../core/journal.ts';
import { millis } from '../../../core/millis.ts';
import type { FluxSource } from '../../../core/rack-spec.ts';
import { type PlanResult, runPlan } from '../../../core/run-plan.ts';
import { handOffToFlux } from '../../../installer/steps/hand-off-to-flux.ts';
import { MemoryFiles } from '../../fakes/memory-files.ts';

export interface HandOffRun {
  /** The whole sentence for which a step waits, as soon as one is like this; rejects when the run has ended before. */
  readonly waitsFor: (sentence: RegExp) => Promise<string>;
  readonly result: Promise<PlanResult>;
  /** As Ctrl-C pressed twice. */
  readonly leave: () => Promise<PlanResult>;
}

interface HandOffSite {
  readonly client: KubeClient;
  readonly manifest: readonly KubeObject[];
}

/** Runs these steps of the install's own plan, by its own engine and with a journal of their own, against a cluster. */
export function runHandOff({ client, manifest }: HandOffSite, source: FluxSource, ids = ['flux/hand-off']): HandOffRun {
  const waiting: { sentence: RegExp; tell: (reason: string) => void }[] = [];
  const heard: string[] = [];
  const hear = (event: Event) => {
    if (event.type !== 'step.waiting') return;
    heard.push(event.reason);
    for (const { sentence, tell } of waiting) if (sentence.test(event.reason)) tell(event.reason);
  };
  const stop = new AbortController();
  const plan = handOffToFlux({
    kube: (use) => use(client),
    manifest,
    objects: fluxObjects(source),
    after: [],
  }).filter(({ id }) => ids.includes(id));
  const run = async () =>
    runPlan({
      plan: plan.map((step) => ({ ...step, after: step.after.filter((id) => ids.includes(id)) })),
      journal: await Journal.open('/journal', { files: new MemoryFiles(), clock: nodeClock }),
      clock: nodeClock,
      emit: hear,
      pollEvery: millis(100),
      pause: stop.signal,
      stop: stop.signal,
    });
  const result = run();
  return {
    result,
    async waitsFor(sentence) {
      const past = heard.find((reason) => sentence.test(reason));
      if (past !== undefined) return past;
      const ended = result.then(({ done, failed }): never => {
        const faults = failed.map(({ fault }) => fault.message);
        throw new Error(
          `ended before (done: ${done.join()}; failed: ${faults.join()}), waited for:\n${heard.join('\n')}`,
        );
      });
      return Promise.race([ended, new Promise<string>((tell) => waiting.push({ sentence, tell }))]);
    },
    async leave() {
      stop.abort();
      return result;
    },
  };
}
