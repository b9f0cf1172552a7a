import { type Millis, seconds } from '../../core/millis.ts';
import type { ReadRequest, TftpOptions } from './tftp-packet.ts';

/** How one file is sent. */
export interface TransferTerms {
  /** Bytes of data in a block. */
  readonly blockSize: number;
  /** Blocks sent before an ACK is waited for. */
  readonly windowSize: number;
  /** How long an answer is waited for the first time. */
  readonly retransmitAfter: Millis;
  /** What the OACK says; empty when the client asked for nothing that we know, and then DATA 1 is the first answer. */
  readonly accepted: TftpOptions;
}

/** What IP, UDP and TFTP put in front of a block. */
const headerBytes = 32;
/** The largest block of RFC 2348. */
const largestBlockSize = 65_464;

/** The largest block that leaves in one frame of a link with this MTU: 1468 bytes on Ethernet. Fragments are what firmware loses. */
export const largestBlockOf = (mtuBytes: number): number =>
  Math.min(Math.max(mtuBytes - headerBytes, 8), largestBlockSize);

/** Clients are known to fail above this, and the gain is gone long before. */
const largestWindowSize = 64;
/** Seconds, of the 255 that RFC 2349 allows: a client that is gone must not keep its session for half an hour. */
const longestTimeout = 60;

/**
 * The terms of a transfer of `sizeBytes` (RFC 2347, 2348, 2349, 7440): what was asked for or less, never more, and nothing
 * that was not asked for, because EDK2 breaks off when the OACK holds a stranger. A value out of its range counts as not asked.
 */
export function negotiateOptions(
  request: ReadRequest,
  sizeBytes: number,
  largestBlockBytes = largestBlockOf(1500),
): TransferTerms {
  const accepted = new Map<string, string>();
  const asked = (name: string, from: number, to: number) => numberWithin(request.options.get(name), from, to);
  const blockSize = asked('blksize', 8, largestBlockSize);
  const windowSize = asked('windowsize', 1, 65_535);
  const timeout = asked('timeout', 1, longestTimeout);
  for (const name of request.options.keys()) {
    if (name === 'blksize' && blockSize !== undefined) {
      accepted.set(name, String(Math.min(blockSize, largestBlockBytes)));
    }
    if (name === 'windowsize' && windowSize !== undefined) {
      accepted.set(name, String(Math.min(windowSize, largestWindowSize)));
    }
    if (name === 'timeout' && timeout !== undefined) accepted.set(name, String(timeout));
    if (name === 'tsize') accepted.set(name, String(sizeBytes));
  }
  return {
    blockSize: Number(accepted.get('blksize') ?? 512),
    windowSize: Number(accepted.get('windowsize') ?? 1),
    retransmitAfter: seconds(timeout ?? 1),
    accepted,
  };
}

function numberWithin(text: string | undefined, from: number, to: number): number | undefined {
  if (text === undefined || !/^\d{1,5}$/.test(text)) return undefined;
  const value = Number(text);
  return value >= from && value <= to ? value : undefined;
}
