import { describe, expect, it } from 'vitest';
import type { StepPast } from '../core/step.ts';
import { judgeEarlierReset } from './earlier-reset.ts';

const never: StepPast = { uncertain: false, confirmed: false };
const begun: StepPast = { uncertain: true, confirmed: false, memory: { bootMark: 'b1' } };
const installed: StepPast = { uncertain: false, confirmed: true };

const judge = (reset: StepPast, install: StepPast, talos: Parameters<typeof judgeEarlierReset>[2]) =>
  judgeEarlierReset({ pastOf: (step) => (step === 'reset/cp-1' ? reset : install) }, 'cp-1', talos);

describe('judgeEarlierReset', () => {
  it.each<[string, Parameters<typeof judge>, string]>([
    ['that never was', [never, installed, { mode: 'configured', bootMark: 'b1' }], 'none'],
    ['in the boot in which it was told', [begun, never, { mode: 'configured', bootMark: 'b1' }], 'going-on'],
    ['of a machine in maintenance mode', [begun, never, { mode: 'maintenance', bootMark: 'b2' }], 'going-on'],
    ['of a machine that was installed again', [begun, installed, { mode: 'configured', bootMark: 'b9' }], 'void'],
    ['that came back from its disk', [begun, never, { mode: 'configured', bootMark: 'b2' }], 'failed'],
    ['of a machine that says nothing', [begun, never, undefined], 'failed'],
  ])('knows a reset %s', (_what, [reset, install, talos], verdict) => {
    expect(judge(reset, install, talos)).toBe(verdict);
  });
});
