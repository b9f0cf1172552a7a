import { median } from './bench-process.ts';

interface Row {
  readonly goal: string;
  /** What was measured, such as `0.93 [0.90-0.97]`. */
  readonly measured: string;
  /** Absent where there is no goal. */
  readonly isMet?: boolean;
  /** What else there is to know, above all why a goal is missed. */
  readonly remark?: string;
}

/** The goals of the boot server, each met or missed; none is left out. */
export class BootReport {
  readonly #rows: Row[] = [];

  add(row: Row): void {
    this.#rows.push(row);
  }

  /** The median of the ratios of all rounds counts; the spread is shown. */
  addRatio(
    goal: string,
    ratios: readonly number[],
    limit: { atLeast: number } | { atMost: number },
    remark = '',
  ): void {
    const ratio = median(ratios);
    const isMet = 'atMost' in limit ? ratio <= limit.atMost : ratio >= limit.atLeast;
    this.add({ goal, measured: textOf(ratios), isMet, remark });
  }

  /** What is measured beside a goal, so that it can be compared; it has none of its own. */
  addShown(what: string, ratios: readonly number[], remark: string): void {
    this.add({ goal: what, measured: textOf(ratios), remark });
  }

  /** A goal that cannot be measured here is missed. */
  addMissing(goal: string, why: string): void {
    this.add({ goal, measured: '-', isMet: false, remark: why });
  }

  get text(): string {
    return this.#rows
      .map(({ goal, measured, isMet, remark = '' }) =>
        [markOf(isMet), goal.padEnd(72), measured.padEnd(24), remark].join(' ').trimEnd(),
      )
      .join('\n');
  }
}

const markOf = (isMet: boolean | undefined) => (isMet === undefined ? 'shown ' : isMet ? 'met   ' : 'MISSED');

const textOf = (ratios: readonly number[]) =>
  `${median(ratios).toFixed(3)} [${Math.min(...ratios).toFixed(2)}-${Math.max(...ratios).toFixed(2)}]`;
