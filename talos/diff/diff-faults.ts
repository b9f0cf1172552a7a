import { defineFault } from '../../core/fault.ts';
import type { ConfigProblem } from '../document/config-document.ts';

/** A text that is no config at all; quotes nothing of it. */
export const configUnreadable = defineFault<{ problems: readonly ConfigProblem[] }>('talos/config-unreadable', {
  kind: 'operator',
  exitCode: 4,
  title: ({ problems }) =>
    `A Talos config cannot be read: ${problems.map(({ document, line, message }) => `${document}${line === undefined ? '' : ` (line ${line})`} ${message}`).join('; ')}`,
  state: () => 'Nothing was compared, and nothing was changed.',
  remedy: () => 'Mend the config at the places that are named.',
});
