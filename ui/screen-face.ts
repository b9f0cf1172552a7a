import { type Millis, millis, seconds } from '../core/millis.ts';
import { askToWrite } from './ask-to-write.ts';
import type { Face, FaceOptions } from './face.ts';
import { foldView } from './fold-view.ts';
import type { LiveScreen } from './open-screen.tsx';
import { renderFinished } from './render-finished.ts';
import { renderPlan } from './render-plan.ts';
import { emptyView } from './run-view.ts';
import type { FinishedLine } from './screen.tsx';
import { renderScreenRows } from './screen-rows.ts';
import { openSink } from './sink.ts';
import { TerminalOutput } from './terminal-output.ts';

/** At most ten frames a second. */
const shortestPause = millis(100);

const longestPause = seconds(2);

/**
 * Writing to a terminal blocks the whole process for as long as the line takes, and a serial line at 9600 baud takes
 * long: after each frame comes a pause of this many times what the frame took, so that boots are still answered.
 */
const pausePerFrame = 9;

/** The live screen: what is finished scrolls by above, what goes on is drawn in place below. */
export function createScreenFace(options: FaceOptions): Face {
  const { clock, input } = options;
  const sink = openSink(options.out);
  const terminal = new TerminalOutput(options.out, sink, {
    ...(options.width === undefined ? {} : { columns: options.width }),
    ...(options.height === undefined ? {} : { rows: options.height }),
  });
  const closing = new AbortController();
  let view = emptyView;
  let pending: FinishedLine[] = [];
  let keys = 0;
  let isDirty = false;
  let drawnSecond = 0;
  let frameTook = millis(0);
  let screen: LiveScreen | undefined;

  // A question has the terminal for itself: frames wait until it is answered.
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = turn.then(work);
    turn = result.catch(() => undefined);
    return result;
  };

  const paint = async (): Promise<void> => {
    isDirty = false;
    const begun = clock.monotonic();
    const now = millis(clock.now().getTime());
    drawnSecond = secondOf(now);
    const lines = pending;
    pending = [];
    // A terminal is needed for that, and whoever has none need not wait until Ink is loaded.
    screen ??= (await import('./open-screen.tsx')).openScreen(terminal, options);
    await screen.paint(lines, renderScreenRows(view, now, terminal, options));
    frameTook = millis(clock.monotonic() - begun);
  };

  const draw = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      const isStale =
        screen !== undefined && view.outcome === undefined && secondOf(clock.now().getTime()) !== drawnSecond;
      if (isDirty || isStale) await inTurn(paint);
      const pause = Math.min(longestPause, Math.max(shortestPause, pausePerFrame * frameTook));
      await clock.sleep(millis(pause), closing.signal);
    }
  };
  const drawing = draw();
  // Told by close; until then a fault of drawing must not end the process.
  drawing.catch(() => undefined);

  const finish = (lines: readonly Omit<FinishedLine, 'key'>[]) => {
    pending.push(...lines.map((line) => ({ ...line, key: ++keys })));
  };

  return {
    show: (event) => {
      if (closing.signal.aborted) return;
      finish(renderFinished(event, view, { ...options, width: terminal.columns - 1 }));
      view = foldView(view, event);
      isDirty = true;
    },
    askToWrite: (plan, asked, signal) =>
      inTurn(async () => {
        const wasShown = view.plan?.digest === plan.digest;
        finish(wasShown ? [] : renderPlan(plan).split('\n').map(asLine));
        await paint();
        await screen?.clear();
        screen = undefined;
        return askToWrite(plan, asked, { input, sink }, AbortSignal.any([signal, closing.signal]));
      }),
    close: async () => {
      closing.abort();
      await inTurn(async () => {
        if (isDirty) await paint();
        await screen?.close();
      });
      terminal.destroy();
      await drawing;
      await sink.flush();
    },
  };
}

const asLine = (text: string) => ({ text });
const secondOf = (now: number | Millis): number => Math.floor(now / 1000);
