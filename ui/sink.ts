/** A stream that text is written to: standard output, standard error, or a test's own. */
export interface OutputStream extends NodeJS.WritableStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

export interface Sink {
  write(text: string): void;
  /** Resolves when what was written has left, or when nobody reads any more. */
  flush(): Promise<void>;
}

/**
 * Writes for as long as somebody reads. A pipe that was closed and a terminal that was hung up end the drawing, never
 * the install behind it.
 */
export function openSink(stream: OutputStream): Sink {
  let isGone = false;
  const gone = new Promise<void>((resolve) => {
    stream.on('error', () => {
      isGone = true;
      resolve();
    });
  });
  return {
    write: (text) => {
      if (!isGone) stream.write(text);
    },
    flush: () => Promise.race([gone, new Promise<void>((resolve) => isGone || stream.write('', () => resolve()))]),
  };
}
