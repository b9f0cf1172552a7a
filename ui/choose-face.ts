import type { Look } from './look.ts';

/** Which of the three faces shows a run. */
export type FaceKind = 'screen' | 'plain' | 'json';

export interface FaceWishes {
  /** Standard output is a terminal. */
  readonly isTty: boolean;
  /** The value of -o, if given. */
  readonly output?: string;
  readonly noTui: boolean;
  /** The environment of the process: TERM, CI, NO_COLOR, LC_ALL, LC_CTYPE and LANG are looked at. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * The screen only where somebody sits before a terminal that can move its cursor; NO_COLOR as no-color.org has it (any
 * value but the empty one). Terminals that came before UTF-8 (vt100, vt220: what serial consoles say) get ASCII
 * whatever the locale says.
 */
export function chooseFace({ isTty, output, noTui, env }: FaceWishes): { readonly kind: FaceKind } & Look {
  const isSet = (name: string) => (env[name] ?? '') !== '';
  const term = env['TERM'] ?? '';
  const isDumb = term === '' || term === 'dumb';
  const isCi = isSet('CI') && env['CI'] !== 'false';
  const locale = ['LC_ALL', 'LC_CTYPE', 'LANG'].map((name) => env[name] ?? '').find((value) => value !== '') ?? '';
  const plainOrScreen = isTty && !isDumb && !isCi && !noTui ? 'screen' : 'plain';
  return {
    kind: output === 'json' ? 'json' : plainOrScreen,
    hasColour: output !== 'json' && isTty && !isDumb && !isSet('NO_COLOR'),
    isUtf8: /utf-?8/i.test(locale) && !/^vt\d/.test(term),
  };
}
