/** A question for the IPv4 addresses of a name (RFC 1035, section 4.1), recursion desired. `id` has 16 bits. */
export function encodeDnsQuery(id: number, name: string): Uint8Array {
  const labels = name
    .split('.')
    .filter((label) => label !== '')
    .map((label) => new TextEncoder().encode(label));
  const question = labels.flatMap((label) => [label.length, ...label]);
  return Uint8Array.of(id >> 8, id & 255, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...question, 0, 0, 1, 0, 1);
}

export interface DnsAnswer {
  readonly id: number;
  /** 0 is no error, 3 is NXDOMAIN. */
  readonly code: number;
  /** Of the records of type A, in their order. */
  readonly addresses: readonly string[];
}

/** What an answer says; `undefined` for bytes that are no whole answer. */
export function decodeDnsAnswer(bytes: Uint8Array): DnsAnswer | undefined {
  if (bytes.length < 12) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const flags = view.getUint16(2);
  if ((flags & 0x8000) === 0) return undefined;
  let at: number | undefined = 12;
  for (let left = view.getUint16(4); left > 0; left -= 1) {
    at = skipName(bytes, at);
    if (at === undefined || at + 4 > bytes.length) return undefined;
    at += 4;
  }
  const addresses: string[] = [];
  for (let left = view.getUint16(6); left > 0; left -= 1) {
    at = skipName(bytes, at);
    if (at === undefined || at + 10 > bytes.length) return undefined;
    const [type, length] = [view.getUint16(at), view.getUint16(at + 8)];
    const data = bytes.subarray(at + 10, at + 10 + length);
    if (data.length < length) return undefined;
    if (type === 1 && length === 4) addresses.push(data.join('.'));
    at += 10 + length;
  }
  return { id: view.getUint16(0), code: flags & 15, addresses };
}

/** The place after a name, which ends with an empty label or a pointer to the rest of it (RFC 1035, section 4.1.4). */
function skipName(bytes: Uint8Array, start: number): number | undefined {
  for (let at = start; at < bytes.length; ) {
    const length = bytes[at] ?? 0;
    if (length === 0) return at + 1;
    if (length >= 0xc0) return at + 2 <= bytes.length ? at + 2 : undefined;
    at += 1 + length;
  }
  return undefined;
}
