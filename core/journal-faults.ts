import { defineFault } from './fault.ts';

export const journalBroken = defineFault<{ path: string; line: number; why: string }>('core/journal-broken', {
  kind: 'operator',
  title: ({ path, line, why }) => `The journal ${path} is broken at line ${line}: ${why}`,
  state: () => 'Nothing was started. The journal was not changed.',
  remedy: ({ path }) =>
    `Restore ${path} from a backup. Without it nobody can tell which disk was approved or whether etcd was bootstrapped. See docs/runbooks/journal.md.`,
});

export const writerSuperseded = defineFault<{ path: string }>('core/writer-superseded', {
  kind: 'operator',
  exitCode: 5,
  title: ({ path }) => `Another process has taken over the journal ${path}`,
  state: () => 'This one stopped before its next effect; what it would have written counts for nothing.',
  remedy: () => 'Leave the work to the other one. To look on, run rackwright watch with the same rack file.',
});
