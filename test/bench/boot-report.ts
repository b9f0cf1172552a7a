import { median } from './bench-process.ts';

interface Row {
  readonly goal: string;
  /** What was measured, such as `0.93 [0.90-0.97]`. */
  readonly measured: string;
  readonly isMet: boolean;
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
    const spread = `${Math.min(...ratios).toFixed(2)}-${Math.max(...ratios).toFixed(2)}`;
    this.add({ goal, measured: `${ratio.toFixed(3)} [${spread}]`, isMet, remark });
  }

  /** A goal that cannot be measured here is missed. */
  addMissing(goal: string, why: string): void {
    this.add({ goal, measured: '-', isMet: false, remark: why });
  }

  get text(): string {
    return this.#rows
      .map(({ goal, measured, isMet, remark = '' }) =>
        [isMet ? 'met   ' : 'MISSED', goal.padEnd(72), measured.padEnd(24), remark].join(' ').trimEnd(),
      )
      .join('\n');
  }
}
