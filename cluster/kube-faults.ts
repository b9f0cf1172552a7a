import { defineFault, type Fault, type FaultDefinition } from '../core/fault.ts';
import { dig, digList, digText } from './kube-object.ts';

/** A request as faults name it. */
export interface Asked {
  readonly server: string;
  /** What was asked: `apply Deployment flux-system/flux`. */
  readonly what: string;
  /** The answer may repeat what was sent, which must not be shown. */
  readonly isSecret: boolean;
}

type Answered = Asked & { readonly why: string };
const stateUnknown = () => 'Whether the request had an effect is not known; asking again is safe.';
const nothingChanged = () => 'The API refused the request and changed nothing.';

const unreachable = defineFault<Answered>('kube/unreachable', {
  kind: 'environment',
  title: ({ server, what, why }) => `The Kubernetes API at ${server} does not answer (${what}): ${why}`,
  state: stateUnknown,
  remedy: ({ server }) => `See that ${server} can be reached from here and that a control plane node is up.`,
});

const mayPass = { kind: 'environment', state: nothingChanged } as const;
const mustChange = { kind: 'operator', state: nothingChanged } as const;
const title = ({ what, why }: Answered) => `The Kubernetes API did not ${what}: ${why}`;
const define = (code: string, rest: Omit<FaultDefinition<Answered>, 'title'>) => defineFault(code, { title, ...rest });

const unavailable = define('kube/unavailable', {
  kind: 'environment',
  state: stateUnknown,
  remedy: () => 'Wait: the API or something that it asks is not ready. If it stays so, look at the control plane.',
});
const notFound = define('kube/not-found', {
  ...mayPass,
  remedy: () => 'Wait: its kind is not served yet, or its namespace is not there yet.',
});
const forbidden = define('kube/forbidden', {
  ...mustChange,
  remedy: () => 'Use a kubeconfig of an administrator of this cluster.',
});
const rejected = define('kube/rejected', {
  ...mustChange,
  remedy: () => 'Change the object as the message says; if Rackwright made it, report this.',
});
const conflict = define('kube/conflict', {
  ...mustChange,
  remedy: () =>
    'Decide who is to own these fields: take them out of the other manager, or leave the object to it. Nothing is taken by force.',
});

/** Which answer gives which fault; the first row that fits wins. */
const answers: readonly {
  readonly fits: (code: number, status: unknown) => boolean;
  readonly fault: (details: Answered) => Fault;
}[] = [
  { fits: (code, status) => code === 409 && conflictsOf(status).length > 0, fault: conflict },
  { fits: (code, status) => code === 403 && hasCause(status, 'NamespaceTerminating'), fault: unavailable },
  // An API server that has just started knows its users before their rights.
  {
    fits: (code, status) => code === 403 && /not yet ready to handle request/.test(digText(status, 'message') ?? ''),
    fault: unavailable,
  },
  { fits: (code) => code === 401 || code === 403, fault: forbidden },
  { fits: (code) => code === 404, fault: notFound },
  { fits: (code) => code === 409 || code === 429 || code >= 500, fault: unavailable },
  { fits: () => true, fault: rejected },
];

/** The fault that an answer other than 2xx means; `status` is its body, a Kubernetes `Status` if all is well. */
export function faultOfAnswer(asked: Asked, code: number, status: unknown): Fault {
  const reason = digText(status, 'reason') ?? `HTTP ${code}`;
  const message = asked.isSecret ? undefined : digText(status, 'message');
  const owners = asked.isSecret ? [] : conflictsOf(status);
  const said = message === undefined ? reason : `${reason}: ${message}`;
  const why = isOfNoKind(code, status) ? 'its kind is not defined there' : owners.length > 0 ? owners.join('; ') : said;
  const row = answers.find(({ fits }) => fits(code, status));
  return (row?.fault ?? rejected)({ ...asked, why });
}

/** The fault of a request without an answer. */
export function faultOfSilence(asked: Asked, why: string): Fault {
  return unreachable({ ...asked, why });
}

/** One sentence a field that another manager owns, as the API tells it: who, and which field. */
function conflictsOf(status: unknown): string[] {
  return causesOf(status)
    .filter((cause) => dig(cause, 'reason') === 'FieldManagerConflict')
    .map((cause) => `${digText(cause, 'message') ?? 'conflict'} (${digText(cause, 'field') ?? 'field not named'})`);
}

/** Where a whole group is unknown the answer is a line of text, and in a group that is known a `Status` that names no object. */
const isOfNoKind = (code: number, status: unknown) => code === 404 && dig(status, 'details', 'name') === undefined;

const causesOf = (status: unknown) => digList(status, 'details', 'causes');
const hasCause = (status: unknown, reason: string) => causesOf(status).some((cause) => dig(cause, 'reason') === reason);
