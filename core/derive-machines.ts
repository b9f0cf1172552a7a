import { type Board, type Claim, type DatedPart, joinClaims, later } from './board.ts';
import type { MacAddress } from './mac-address.ts';
import { type MacConflict, type Machine, type MachineId, machineIdOf } from './machine.ts';

/** A board that has a UUID, or that stands alone, with what was said of its cards without one. */
interface Candidate {
  readonly main: Board;
  readonly parts: Board[];
  readonly claims: Map<MacAddress, Claim>;
  readonly owned: Set<MacAddress>;
  readonly disputed: Map<MacAddress, Candidate[]>;
}

export interface DerivedMachine {
  readonly slot: number;
  readonly machine: Machine;
}

/**
 * The machines that a set of boards amounts to: all boards that are joined by MAC addresses, directly or by others.
 * A card belongs to the board that was seen with it last. It is in conflict when another board that answers has it too,
 * as it was read last; a board that does not answer, or was read without it since, has lost it.
 */
export function deriveMachines(boards: readonly Board[]): readonly DerivedMachine[] {
  const candidates = candidatesOf(boards);
  const claimants = new Map<MacAddress, Candidate[]>();
  for (const candidate of candidates) {
    for (const mac of candidate.claims.keys()) claimants.set(mac, [...(claimants.get(mac) ?? []), candidate]);
  }
  for (const [mac, all] of claimants) settle(mac, all);
  for (const lost of candidates.filter(({ owned }) => owned.size === 0)) {
    const [mac] = [...lost.claims].reduce((one, other) => (other[1].last > one[1].last ? other : one));
    newestOf(mac, claimants.get(mac) ?? []).parts.push(...lost.parts);
  }
  return candidates
    .filter(({ owned }) => owned.size > 0)
    .map((candidate) => ({ slot: candidate.main.slot, machine: machineOf(candidate) }));
}

function candidatesOf(boards: readonly Board[]): Candidate[] {
  const named = boards.filter(({ key }) => key !== '');
  const parts = new Map(named.map((board) => [board, new Set([board])]));
  const alone: Candidate[] = [];
  for (const board of boards.filter(({ key }) => key === '')) {
    const sharing = named
      .map((main) => ({ main, last: lastShared(main, board) }))
      .filter(({ last }) => last !== undefined)
      .sort((a, b) => (b.last ?? 0) - (a.last ?? 0) || (a.main.key < b.main.key ? -1 : 1));
    const [best] = sharing;
    if (best === undefined) {
      alone.push(candidateOf(board, [board]));
      continue;
    }
    // What was told under one UUID of cards that are shown to go together is of one machine.
    const whole = new Set([board]);
    for (const { main } of sharing.filter(({ main }) => main.key === best.main.key)) {
      for (const part of parts.get(main) ?? []) whole.add(part);
    }
    for (const part of whole) if (part.key !== '') parts.set(part, whole);
  }
  const wholes = [...new Set(parts.values())].map((whole) => [...whole]);
  return [...wholes.map((whole) => candidateOf(mainOf(whole), whole)), ...alone];
}

/** The one with a UUID that was seen first. */
function mainOf(parts: readonly Board[]): Board {
  const firstOf = ({ claims }: Board) => Math.min(...claims.values().map(({ first }) => first));
  return parts.filter(({ key }) => key !== '').reduce((one, other) => (firstOf(other) < firstOf(one) ? other : one));
}

function candidateOf(main: Board, parts: readonly Board[]): Candidate {
  const claims = new Map<MacAddress, Claim>();
  for (const part of parts) {
    for (const [mac, claim] of part.claims) claims.set(mac, joinClaims(claims.get(mac), claim));
  }
  return { main, parts: [...parts], claims, owned: new Set(), disputed: new Map() };
}

function lastShared(one: Board, other: Board): number | undefined {
  const times = [...other.claims.keys()].flatMap((mac) => one.claims.get(mac)?.last ?? []);
  return times.length === 0 ? undefined : Math.max(...times);
}

function settle(mac: MacAddress, all: readonly Candidate[]): void {
  const newest = newestOf(mac, all);
  const has = all.filter((candidate) => {
    const read = aliveSince(candidate.parts)?.at;
    return candidate === newest || (read !== undefined && lastOf(mac, candidate) >= read);
  });
  for (const candidate of has) {
    candidate.owned.add(mac);
    const others = has.filter((other) => other !== candidate);
    if (others.length > 0) candidate.disputed.set(mac, others);
  }
}

const lastOf = (mac: MacAddress, { claims }: Candidate): number => claims.get(mac)?.last ?? 0;

const newestOf = (mac: MacAddress, all: readonly Candidate[]): Candidate =>
  all.reduce((one, other) => {
    const difference = lastOf(mac, other) - lastOf(mac, one);
    return difference > 0 || (difference === 0 && other.main.key < one.main.key) ? other : one;
  });

function machineOf(candidate: Candidate): Machine {
  const { main, parts, claims, disputed } = candidate;
  const macs = macsOf(candidate);
  const uuid = (main.uuid ?? latest(parts, 'uuid'))?.value;
  const address = latest(parts, 'address')?.value;
  const boot = latest(parts, 'boot')?.value;
  const reading = latest(parts, 'reading');
  const live = aliveSince(parts);
  const conflicts = macs.flatMap((mac): MacConflict[] => {
    const others = disputed.get(mac);
    return others === undefined ? [] : [{ mac, others: others.map(nameOf).sort() }];
  });
  return {
    id: idOf(candidate),
    macs,
    ...(uuid === undefined ? {} : { uuid }),
    ...(address === undefined ? {} : { address }),
    ...(boot === undefined ? {} : { boot }),
    ...(live === undefined ? {} : { talos: live.value }),
    ...(reading === undefined ? {} : { lastReading: { at: reading.at, observation: reading.value } }),
    firstSeen: Math.min(...claims.values().map(({ first }) => first)),
    lastSeen: Math.max(...claims.values().map(({ last }) => last)),
    ...(conflicts.length === 0 ? {} : { conflicts }),
  };
}

/** The last reading of this run, unless it fell silent since. */
function aliveSince(parts: readonly Board[]): Board['live'] {
  const live = latest(parts, 'live');
  const silent = latest(parts, 'silent');
  return live === undefined || (silent !== undefined && silent.at >= live.at) ? undefined : live;
}

/** In the order in which they were seen first. */
function macsOf({ claims, owned }: Candidate): readonly MacAddress[] {
  const firstOf = (mac: MacAddress) => claims.get(mac)?.first ?? 0;
  return [...owned].sort((a, b) => firstOf(a) - firstOf(b) || (a < b ? -1 : 1));
}

/** A card that is in conflict names no machine by itself. */
function idOf(candidate: Candidate): MachineId {
  const macs = macsOf(candidate);
  const own = macs.find((mac) => !candidate.disputed.has(mac));
  if (own !== undefined) return machineIdOf(own);
  return `${macs[0] ?? ''}/${candidate.main.key}` as MachineId;
}

const nameOf = (candidate: Candidate): string => candidate.main.uuid?.value ?? macsOf(candidate)[0] ?? '';

function latest<Part extends DatedPart>(parts: readonly Board[], part: Part): Board[Part] {
  return parts.reduce<Board[Part]>(
    (found, board) => later<unknown>(found, board[part]) as Board[Part],
    undefined as Board[Part],
  );
}
