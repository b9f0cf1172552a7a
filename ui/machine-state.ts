import type { MachineView, RunView } from './run-view.ts';

/** How a thing is coloured, by what it means; the words and glyphs say the same without colour. */
export type Tone = 'good' | 'bad' | 'busy' | 'quiet' | 'loud';

export interface MachineState {
  readonly word: string;
  readonly glyph: string;
  readonly ascii: string;
  readonly tone: Tone;
}

/** Every state that a machine is shown in, most urgent first. Those between `held` and `not seen` are Talos' stages. */
export const machineStates = {
  failed: { word: 'failed', glyph: '✗', ascii: '!', tone: 'bad' },
  held: { word: 'held', glyph: '‖', ascii: '=', tone: 'bad' },
  booting: { word: 'booting', glyph: '▸', ascii: '>', tone: 'busy' },
  maintenance: { word: 'maintenance', glyph: '○', ascii: 'o', tone: 'busy' },
  installing: { word: 'installing', glyph: '◐', ascii: '*', tone: 'busy' },
  upgrading: { word: 'upgrading', glyph: '◐', ascii: '*', tone: 'busy' },
  resetting: { word: 'resetting', glyph: '◐', ascii: '*', tone: 'busy' },
  rebooting: { word: 'rebooting', glyph: '↻', ascii: '~', tone: 'busy' },
  'shutting down': { word: 'shutting down', glyph: '↓', ascii: 'v', tone: 'busy' },
  unknown: { word: 'unknown', glyph: '?', ascii: '?', tone: 'busy' },
  running: { word: 'running', glyph: '●', ascii: '@', tone: 'busy' },
  'not seen': { word: 'not seen', glyph: '·', ascii: '.', tone: 'quiet' },
  ready: { word: 'ready', glyph: '✓', ascii: '+', tone: 'good' },
} as const satisfies Record<string, MachineState>;

const states: Readonly<Record<string, MachineState>> = machineStates;
const urgency = Object.keys(machineStates);

/**
 * What its steps say of a machine, else what was last seen of it. It is ready when all that the plan has for it is
 * done: to have been found, before there is a plan, is not enough.
 */
export function stateOf(machine: MachineView, { steps, plan }: Pick<RunView, 'steps' | 'plan'>): MachineState {
  const own = steps.filter((step) => step.machine === machine.name);
  if (own.some((step) => step.status === 'failed')) return machineStates.failed;
  if (own.some((step) => step.status === 'held')) return machineStates.held;
  if (plan !== undefined && own.length > 0 && own.every((step) => step.status === 'done')) return machineStates.ready;
  if (machine.stage === undefined) return machineStates['not seen'];
  return states[machine.stage] ?? { ...machineStates.unknown, word: machine.stage };
}

/** Smaller is shown first where there is no room for all. */
export function urgencyOf(state: MachineState): number {
  const at = urgency.indexOf(state.word);
  return at < 0 ? urgency.indexOf(machineStates.unknown.word) : at;
}
