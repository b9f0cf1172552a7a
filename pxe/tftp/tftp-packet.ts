/**
 * TFTP packets (RFC 1350 section 5, RFC 2347).
 *
 * ```
 *          2 bytes     string    1     string    1     string    1     string    1
 *         +--------+-----------+---+-----------+---+-----------+---+-----------+---+
 *  RRQ 1  | opcode | file name | 0 |   mode    | 0 |  option   | 0 |   value   | 0 |  (options 0 to n)
 *  WRQ 2  +--------+-----------+---+-----------+---+-----------+---+-----------+---+
 *          2 bytes    2 bytes    n bytes
 *         +--------+-----------+---------+
 *  DATA 3 | opcode |  block #  |  data   |
 *         +--------+-----------+---------+
 *  ACK 4  | opcode |  block #  |
 *         +--------+-----------+---------+---+
 *  ERROR 5| opcode |   code    | message | 0 |
 *         +--------+-----------+---------+---+
 *  OACK 6 | opcode |  option   | 0 |  value  | 0 |  (options 1 to n)
 *         +--------+-----------+---+---------+---+
 * ```
 */
export type TftpPacket =
  | ReadRequest
  | { readonly kind: 'write'; readonly file: string; readonly mode: string; readonly options: TftpOptions }
  | { readonly kind: 'data'; readonly block: number; readonly data: Uint8Array }
  | { readonly kind: 'ack'; readonly block: number }
  | { readonly kind: 'error'; readonly code: number; readonly message: string }
  | { readonly kind: 'optionAck'; readonly options: TftpOptions };

/** Option names in lower case, in the order of the wire; of a name that stands twice the first counts. */
export type TftpOptions = ReadonlyMap<string, string>;

export interface ReadRequest {
  readonly kind: 'read';
  readonly file: string;
  /** Lower case; `octet` is the only one that leaves the bytes alone. */
  readonly mode: string;
  readonly options: TftpOptions;
}

export const opcode = { read: 1, write: 2, data: 3, ack: 4, error: 5, optionAck: 6 } as const;

/** Error codes of RFC 1350 section 5 and RFC 2347. */
export const tftpError = {
  undefined: 0,
  fileNotFound: 1,
  accessViolation: 2,
  illegalOperation: 4,
  unknownTransfer: 5,
  optionRefused: 8,
} as const;
