import { type Instance, type RenderOptions, render } from 'ink';
import type { InputStream } from './ask-line.ts';
import { type FinishedLine, Screen } from './screen.tsx';
import type { Row } from './screen-row.ts';
import type { TerminalOutput } from './terminal-output.ts';

export interface LiveScreen {
  /** Adds the lines above the live part and draws the rows in its place; resolves when both were written. */
  paint(lines: readonly FinishedLine[], rows: readonly Row[]): Promise<void>;
  /** Takes the live part off the terminal and ends. What was finished stays. */
  clear(): Promise<void>;
  /** Ends; the last live part stays where it is. */
  close(): Promise<void>;
}

/**
 * Ink on this terminal, on the normal screen, so that the history can be scrolled and a serial console can show it.
 * Ink never touches the input: Ctrl-C stays a signal, and signals are not for a face to take.
 */
export function openScreen(
  terminal: TerminalOutput,
  { input, hasColour }: { readonly input: InputStream; readonly hasColour: boolean },
): LiveScreen {
  let finished: readonly FinishedLine[] = [];
  let ink: Instance | undefined;
  const options: RenderOptions = {
    stdout: terminal,
    stderr: terminal,
    stdin: input,
    exitOnCtrlC: false,
    patchConsole: false,
    interactive: true,
    incrementalRendering: true,
    // Whoever calls paint sets the pace.
    maxFps: 1000,
  };
  const end = async () => {
    ink?.unmount();
    await ink?.waitUntilExit();
  };
  return {
    paint: async (lines, rows) => {
      if (lines.length > 0) finished = [...finished, ...lines];
      const screen = <Screen finished={finished} rows={rows} hasColour={hasColour} />;
      if (ink === undefined) ink = render(screen, options);
      else ink.rerender(screen);
      await ink.waitUntilRenderFlush();
    },
    clear: async () => {
      ink?.clear();
      await end();
    },
    close: end,
  };
}
