import { catalog } from './catalog.ts';
import { overrideRefused } from './check-faults.ts';
import { rackChecks } from './rack-checks.ts';

/** An operator's reason to go on although a check fails. */
export interface Override {
  readonly check: string;
  /** Absent: for all machines. */
  readonly machine?: string;
  readonly reason: string;
}

/** Parses `CHECK=REASON` or `CHECK@MACHINE=REASON` for the machines of a rack. Fault `installer/override-refused`. */
export function parseOverride(text: string, machines: readonly string[]): Override {
  const [, check = '', machine, reason = ''] = /^([^@=]*)(?:@([^=]*))?=?([^]*)$/.exec(text) ?? [];
  return ensureOverride({ check, ...(machine === undefined ? {} : { machine }), reason }, machines, text);
}

/** An override that is allowed, wherever it comes from. Fault `installer/override-refused`. */
export function ensureOverride(
  { check, machine, reason }: Override,
  machines: readonly string[],
  text = `${check}${machine === undefined ? '' : `@${machine}`}=${reason}`,
): Override {
  const refuse = (why: string, allowed: string) => overrideRefused({ text, why, allowed });
  const row = catalog.get(check);
  if (row === undefined)
    throw refuse(
      `there is no check ${check === '' ? 'without a name' : check}`,
      `Allowed are ${[...catalog.values()]
        .filter((one) => one.isFinal !== true)
        .map(({ id }) => id)
        .join(', ')}.`,
    );
  if (row.isFinal === true)
    throw refuse(`${check} protects data that would be lost for ever, and cannot be overridden`, 'Mend what it names.');
  if (reason.trim() === '')
    throw refuse(
      'it gives no reason',
      `Say why, for instance --override ${check}='lab machine, no data'; it is kept in the journal.`,
    );
  if (machine !== undefined && rackChecks.some(({ id }) => id === check))
    throw refuse(`${check} is a check of the whole rack`, `Leave @${machine} out.`);
  if (machine !== undefined && !machines.includes(machine))
    throw refuse(`the rack file has no machine ${machine}`, `Allowed are ${machines.join(', ')}.`);
  return { check, ...(machine === undefined ? {} : { machine }), reason: reason.trim() };
}
