import { dhcpOption } from './dhcp-option.ts';
import type { DhcpOptions } from './dhcp-options.ts';

/** The bytes of the option fields, each with its end option; a field without one keeps what it is there for. */
export interface SharedOutOptions {
  readonly main: Uint8Array;
  readonly file?: Uint8Array;
  readonly sname?: Uint8Array;
}

interface Room {
  readonly main: number;
  readonly file?: number;
  readonly sname?: number;
}

/** What each field holds, in the order in which a reader joins them (RFC 3396 section 5). */
class Field {
  readonly parts: number[] = [];
  readonly #roomBytes: number;

  /** One octet is kept for the end option. */
  constructor(roomBytes: number) {
    this.#roomBytes = roomBytes - 1;
  }

  take(code: number, value: Uint8Array): boolean {
    if (this.parts.length + 2 + value.length > this.#roomBytes) return false;
    this.parts.push(code, value.length, ...value);
    return true;
  }

  get bytes(): Uint8Array {
    return Uint8Array.from([...this.parts, dhcpOption.end]);
  }
}

/**
 * Options over the option field and, by option 52, `file` and `sname`: each option whole in the first field that has room
 * for it, so that a reader without RFC 3396 reads it too; only one of more than 255 bytes is split. Option 82 stays last
 * in the option field, where relays look for it. `undefined` when there is not enough room.
 */
export function sharedOut(options: DhcpOptions, room: Room): SharedOutOptions | undefined {
  const relayInformation = options.get(dhcpOption.relayAgentInformation);
  const relayBytes = relayInformation === undefined ? 0 : 2 + relayInformation.length;
  if (relayBytes > 257) return undefined;
  const overloadBytes = 3;
  const main = new Field(room.main - relayBytes - overloadBytes);
  const file = room.file === undefined ? undefined : new Field(room.file);
  const sname = room.sname === undefined ? undefined : new Field(room.sname);
  const fields = [main, file, sname].filter((field) => field !== undefined);

  for (const [code, value] of options) {
    if (code === dhcpOption.relayAgentInformation) continue;
    let from = 0;
    for (let at = 0; at === 0 || at < value.length; at += 255) {
      const part = value.subarray(at, at + 255);
      const taker = fields.findIndex((field, index) => index >= from && field.take(code, part));
      if (taker < 0) return undefined;
      from = taker;
    }
  }
  const used = (field: Field | undefined) => (field?.parts.length ? field.bytes : undefined);
  const [inFile, inSname] = [used(file), used(sname)];
  const overload = (inFile ? 1 : 0) + (inSname ? 2 : 0);
  const tail =
    relayInformation === undefined
      ? []
      : [dhcpOption.relayAgentInformation, relayInformation.length, ...relayInformation];
  return {
    main: Uint8Array.from([...main.parts, dhcpOption.overload, 1, overload, ...tail, dhcpOption.end]),
    ...(inFile === undefined ? {} : { file: inFile }),
    ...(inSname === undefined ? {} : { sname: inSname }),
  };
}
