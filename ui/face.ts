import type { StampedEvent } from '../core/event.ts';
import type { PlanView } from '../core/plan-view.ts';
import type { Clock } from '../core/ports.ts';
import type { InputStream } from './ask-line.ts';
import type { Answer, AskOptions } from './ask-to-write.ts';
import type { Look } from './look.ts';
import type { OutputStream } from './sink.ts';

/** What an operator sees of a run. Nothing that happens to a face, not even its end, has an effect on the run. */
export interface Face {
  /** Takes the event into what is shown. Returns at once and never throws. */
  show(event: StampedEvent): void;
  /** The operator's answer to the plan; `no` whenever it is not a clear yes. `signal` takes the question back. */
  askToWrite(plan: PlanView, options: AskOptions, signal: AbortSignal): Promise<Answer>;
  /** Resolves when everything that was shown has been written. */
  close(): Promise<void>;
}

export interface FaceOptions extends Look {
  readonly out: OutputStream;
  readonly err: OutputStream;
  readonly input: InputStream;
  readonly clock: Clock;
  /** Size of the screen in characters; the terminal's own when left out. */
  readonly width?: number;
  readonly height?: number;
}
