/**
 * Who can act on a fault.
 * - `operator`: the operator must change something; trying again alone does not help.
 * - `environment`: a machine, network or file is not (yet) as needed; trying again may help.
 * - `bug`: Rackwright itself is wrong.
 */
export type FaultKind = 'operator' | 'environment' | 'bug';

/** Where in the operator's input a fault lies; `line` and `column` count from 1. */
export interface Place {
  readonly file: string;
  readonly path: string;
  readonly line?: number;
  readonly column?: number;
}

/** The documented exit codes of the command line (docs/exit-codes.md). */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 130;

export interface FaultDefinition<Details> {
  readonly kind: FaultKind;
  /** 1 when left out. */
  readonly exitCode?: ExitCode;
  /** What happened, in one sentence. */
  readonly title: (details: Details) => string;
  /** In what state things are now. */
  readonly state: (details: Details) => string;
  /** What to do next. */
  readonly remedy: (details: Details) => string;
}

/** An error for people: what happened, in what state things are, what to do next. Codes never change once shipped. */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly code: string;
  readonly kind: FaultKind;
  readonly exitCode: ExitCode;
  readonly state: string;
  readonly remedy: string;
  readonly places: readonly Place[];

  constructor(fields: {
    code: string;
    kind: FaultKind;
    exitCode: ExitCode;
    title: string;
    state: string;
    remedy: string;
    places: readonly Place[];
    cause?: unknown;
  }) {
    super(fields.title, fields.cause === undefined ? undefined : { cause: fields.cause });
    this.code = fields.code;
    this.kind = fields.kind;
    this.exitCode = fields.exitCode;
    this.state = fields.state;
    this.remedy = fields.remedy;
    this.places = fields.places;
  }
}

/** A fault as data: what an event or a journal record says of it. */
export type FaultView = Pick<Fault, 'code' | 'state' | 'remedy' | 'places'> & { readonly title: string };

export const viewOf = ({ code, message, state, remedy, places }: Fault): FaultView => ({
  code,
  title: message,
  state,
  remedy,
  places,
});

const defined = new Set<string>();

/** One row of the catalogue: gives a function that makes this fault from its details. Code: `room/what`. */
export function defineFault<Details>(code: string, definition: FaultDefinition<Details>) {
  if (defined.has(code)) throw new Error(`fault ${code} is defined twice`);
  defined.add(code);
  return (details: Details, more: { cause?: unknown; places?: readonly Place[] } = {}): Fault =>
    new Fault({
      code,
      kind: definition.kind,
      exitCode: definition.exitCode ?? 1,
      title: definition.title(details),
      state: definition.state(details),
      remedy: definition.remedy(details),
      places: more.places ?? [],
      ...(more.cause === undefined ? {} : { cause: more.cause }),
    });
}

const unexpected = defineFault<{ message: string }>('core/unexpected', {
  kind: 'bug',
  title: ({ message }) => `Rackwright met something that it did not expect: ${message}`,
  state: () => 'Nothing more is started; what was done so far is in the journal.',
  remedy: () => 'Run the same command again to go on; please report this with the journal.',
});

/** Any thrown value as a fault; what is not one already is a bug of ours. */
export function faultFrom(thrown: unknown): Fault {
  if (thrown instanceof Fault) return thrown;
  return unexpected({ message: thrown instanceof Error ? thrown.message : String(thrown) }, { cause: thrown });
}
