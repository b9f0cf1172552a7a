import type { MacAddress } from './mac-address.ts';
import type { BootSighting, TalosObservation } from './machine.ts';
import { canonicalUuid, isTellingUuid } from './smbios-uuid.ts';

/** A value and when it was seen, in milliseconds since 1970. */
export interface Dated<T> {
  readonly at: number;
  readonly value: T;
}

/** When a MAC address was seen of a board: first and last. */
export interface Claim {
  readonly first: number;
  readonly last: number;
}

/**
 * What was said under one UUID about cards that go together. One machine is one board or, when some of its facts came
 * without a UUID, several. A board only grows, and in whatever order it is told the same things it becomes the same.
 */
export interface Board {
  readonly slot: number;
  /** The UUID in canonical form; empty when none was told, or one that tells nothing. */
  readonly key: string;
  readonly claims: ReadonlyMap<MacAddress, Claim>;
  /** As told. */
  readonly uuid?: Dated<string>;
  readonly address?: Dated<string>;
  readonly boot?: Dated<BootSighting>;
  /** The last reading of its Talos, also one of an earlier run. */
  readonly reading?: Dated<TalosObservation>;
  /** The last reading of this run. */
  readonly live?: Dated<TalosObservation>;
  readonly silent?: Dated<true>;
}

export const boardKeyOf = (uuid: string | undefined): string =>
  uuid !== undefined && isTellingUuid(uuid) ? canonicalUuid(uuid) : '';

/** What two boards that turn out to be one say together. */
export function joinBoards(one: Board, other: Board): Board {
  const claims = new Map(one.claims);
  for (const [mac, claim] of other.claims) claims.set(mac, joinClaims(claims.get(mac), claim));
  return {
    slot: Math.min(one.slot, other.slot),
    key: one.key,
    claims,
    ...dated('uuid', one, other),
    ...dated('address', one, other),
    ...dated('boot', one, other),
    ...dated('reading', one, other),
    ...dated('live', one, other),
    ...dated('silent', one, other),
  };
}

export const joinClaims = (before: Claim | undefined, claim: Claim): Claim =>
  before === undefined
    ? claim
    : { first: Math.min(before.first, claim.first), last: Math.max(before.last, claim.last) };

/** The later of two; of two at the same time the second. */
export function later<T>(one: Dated<T> | undefined, other: Dated<T> | undefined): Dated<T> | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return other.at >= one.at ? other : one;
}

export type DatedPart = 'uuid' | 'address' | 'boot' | 'reading' | 'live' | 'silent';

function dated(part: DatedPart, one: Board, other: Board): Partial<Board> {
  const latest = later<unknown>(one[part], other[part]);
  return latest === undefined ? {} : { [part]: latest };
}
