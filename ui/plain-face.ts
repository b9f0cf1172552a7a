import { askToWrite } from './ask-to-write.ts';
import { describeEvent } from './describe-event.ts';
import type { Face, FaceOptions } from './face.ts';
import { foldView } from './fold-view.ts';
import { renderPlain } from './render-plain.ts';
import { renderPlan } from './render-plan.ts';
import { emptyView } from './run-view.ts';
import { openSink } from './sink.ts';

/** A line for every event that is worth one: on the output, and on the error stream where it tells a fault. */
export function createPlainFace(options: Pick<FaceOptions, 'out' | 'err' | 'input' | 'isUtf8'>): Face {
  const { out, input } = options;
  const lines = openSink(out);
  const faults = openSink(options.err);
  let view = emptyView;
  let isClosed = false;
  return {
    show: (event) => {
      if (isClosed) return;
      const line = renderPlain(event, view, options);
      const isFault = describeEvent(event, view)?.isFault === true;
      if (line !== undefined) (isFault ? faults : lines).write(`${line}\n`);
      view = foldView(view, event);
    },
    askToWrite: (plan, asked, signal) => {
      if (view.plan?.digest !== plan.digest) lines.write(`${renderPlan(plan)}\n`);
      // Where the output goes into a file, whoever is to answer sees the error stream.
      return askToWrite(plan, asked, { input, sink: out.isTTY === true ? lines : faults }, signal);
    },
    close: async () => {
      isClosed = true;
      await Promise.all([lines.flush(), faults.flush()]);
    },
  };
}
