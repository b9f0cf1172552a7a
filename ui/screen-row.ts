import { cutText } from './fit-text.ts';
import type { Tone } from './machine-state.ts';

/** A piece of a row that is drawn in one way. */
export interface Segment {
  readonly text: string;
  readonly tone?: Tone;
}

/** One row of the live screen, not wider than the screen. */
export type Row = readonly Segment[];

/** The segments up to the width; where something is missing, the row says so. */
export function cutRow(row: Row, width: number, look: { readonly isUtf8: boolean }): Row {
  const cut: Segment[] = [];
  let room = width;
  for (const segment of row) {
    const text = cutText(segment.text, room, look);
    if (text !== '') cut.push({ ...segment, text });
    room -= Array.from(text).length;
    if (text !== segment.text) break;
  }
  return cut;
}
