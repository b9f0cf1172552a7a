/** An answer other than 2xx, as the API says it in a `Status` object. */
export class KubeError extends Error {
  override readonly name = 'KubeError';
  readonly code: number;
  readonly reason: string;
  readonly details: KubeErrorDetails;

  constructor(code: number, reason: string, message: string, details: KubeErrorDetails = {}) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.details = details;
  }
}

export interface KubeErrorDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly causes?: readonly { readonly reason: string; readonly message: string; readonly field?: string }[];
}

export const statusOf = ({ code, reason, message, details }: KubeError) => ({
  apiVersion: 'v1',
  kind: 'Status',
  metadata: {},
  status: 'Failure',
  message,
  reason,
  details,
  code,
});

export const notFound = (group: string, plural: string, name: string) =>
  new KubeError(404, 'NotFound', `${group === '' ? plural : `${plural}.${group}`} "${name}" not found`, {
    name,
    group,
    kind: plural,
  });
export const noSuchResource = () => new KubeError(404, 'NotFound', 'the server could not find the requested resource');
export const badRequest = (message: string) => new KubeError(400, 'BadRequest', message);
export const invalid = (message: string) => new KubeError(422, 'Invalid', message);
export const staleWrite = (plural: string, name: string) =>
  new KubeError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${plural} "${name}": the object has been modified; please apply your changes to the latest version and try again`,
    { name, kind: plural },
  );
