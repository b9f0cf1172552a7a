import { defineFault } from '../core/fault.ts';

const untouched = () => 'Nothing was started.';
const makeAnew = () => 'Make a new one: rackwright plan install RACK.yaml';

export const planMissing = defineFault<{ path: string }>('installer/plan-missing', {
  kind: 'operator',
  exitCode: 4,
  title: ({ path }) => `There is no plan file ${path}`,
  state: untouched,
  remedy: makeAnew,
});

export const planUnreadable = defineFault<{ path: string; why: string }>('installer/plan-unreadable', {
  kind: 'operator',
  exitCode: 4,
  title: ({ path, why }) => `${path} is no plan file: ${why}`,
  state: untouched,
  remedy: makeAnew,
});

export const planVersionUnknown = defineFault<{ path: string; version: string; known: string }>(
  'installer/plan-version-unknown',
  {
    kind: 'operator',
    exitCode: 4,
    title: ({ path, version, known }) => `${path} has the version ${version}; this program knows ${known}`,
    state: untouched,
    remedy: makeAnew,
  },
);

export const planEdited = defineFault<{ path: string }>('installer/plan-edited', {
  kind: 'operator',
  exitCode: 4,
  title: ({ path }) => `${path} is not as it was written: its content does not fit its digest`,
  state: untouched,
  remedy: () => 'A plan is not edited: change the rack file, and make a new plan from it.',
});

export const planOfOtherRack = defineFault<{ path: string; rack: string; other: string }>(
  'installer/plan-of-other-rack',
  {
    kind: 'operator',
    exitCode: 4,
    title: ({ path, rack, other }) => `${path} is a plan for the rack ${rack}, and its rack file is of ${other} now`,
    state: untouched,
    remedy: makeAnew,
  },
);

export const rackFileChanged = defineFault<{ path: string; rackFile: string }>('installer/rack-file-changed', {
  kind: 'operator',
  exitCode: 3,
  title: ({ path, rackFile }) => `${rackFile} is not the file any more that ${path} was made from`,
  state: untouched,
  remedy: makeAnew,
});

export const factsChanged = defineFault<{ path: string; changes: readonly string[] }>('installer/facts-changed', {
  kind: 'operator',
  exitCode: 3,
  title: ({ path, changes }) => `The machines are not as they were when ${path} was made: ${changes.join('; ')}`,
  state: () => 'Nothing was written on any machine.',
  remedy: () => 'Look whether that is right, and make a new plan: rackwright plan install RACK.yaml',
});
