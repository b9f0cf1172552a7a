import { askToWrite } from './ask-to-write.ts';
import type { Face, FaceOptions } from './face.ts';
import { renderJson } from './render-json.ts';
import { renderPlan } from './render-plan.ts';
import { openSink } from './sink.ts';

/** Every event as a line of NDJSON on the output, and nothing else there: a question goes to the error stream. */
export function createJsonFace({ out, err, input }: Pick<FaceOptions, 'out' | 'err' | 'input'>): Face {
  const data = openSink(out);
  const messages = openSink(err);
  let isClosed = false;
  return {
    show: (event) => {
      if (!isClosed) data.write(`${renderJson(event)}\n`);
    },
    askToWrite: (plan, options, signal) => {
      if (input.isTTY === true) messages.write(`${renderPlan(plan)}\n`);
      return askToWrite(plan, options, { input, sink: messages }, signal);
    },
    close: async () => {
      isClosed = true;
      await Promise.all([data.flush(), messages.flush()]);
    },
  };
}
