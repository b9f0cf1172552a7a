import type { Step } from './step.ts';

/** Who of the steps that share a limit is under way. */
export interface Turns {
  /** True when the step may go on; it has its turn until it gives it back. `isUnderWay`: it began earlier and goes on. */
  take(step: Step, isUnderWay: boolean): boolean;
  giveBack(step: Step): void;
  /** Why the step does not have its turn, in words. */
  reason(step: Step): string;
}

export function takeTurns(): Turns {
  const underWay = new Map<string, Set<string>>();
  const sharing = (of: string) => {
    const found = underWay.get(of) ?? new Set();
    underWay.set(of, found);
    return found;
  };
  return {
    take({ id, turn }, isUnderWay) {
      if (turn === undefined) return true;
      const those = sharing(turn.of);
      if (!those.has(id) && !isUnderWay && those.size >= turn.limit) return false;
      those.add(id);
      return true;
    },
    giveBack({ id, turn }) {
      if (turn !== undefined) sharing(turn.of).delete(id);
    },
    reason: ({ turn }) => `waits for its turn: ${turn?.limit ?? 0} at a time`,
  };
}
