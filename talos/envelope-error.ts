import { status } from '@grpc/grpc-js';

interface Metadata {
  readonly error: string;
  readonly status?: { readonly code: number };
}

/** Every status that is not OK, by its number. */
const failures: ReadonlyMap<number, status> = new Map(
  Object.values(status)
    .filter((code) => typeof code === 'number')
    .filter((code) => code !== status.OK)
    .map((code) => [code, code]),
);

interface Envelope {
  readonly metadata?: Metadata;
  readonly messages?: readonly { readonly metadata?: Metadata }[];
}

/**
 * The error that a reply of Talos may carry although the call itself went well: in the metadata of the message, or of
 * one of its `messages`. Before 1.14 Copy and Dmesg tell errors in no other way, and every proxy of several nodes does.
 */
export function envelopeError(message: object): { code: status; details: string } | undefined {
  const { metadata, messages = [] } = message as Envelope;
  const found = [metadata, ...messages.map((one) => one.metadata)].find((one) => one?.error || one?.status?.code);
  if (found === undefined) return undefined;
  const code = failures.get(found.status?.code ?? status.UNKNOWN) ?? status.UNKNOWN;
  return { code, details: found.error };
}
