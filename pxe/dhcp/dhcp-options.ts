/** Options by code in the order of the wire; an option that came in parts is one value here (RFC 3396). */
export interface DhcpOptions extends Iterable<readonly [code: number, value: Uint8Array]> {
  get(code: number): Uint8Array | undefined;
  has(code: number): boolean;
  forEach(each: (value: Uint8Array, code: number) => void): void;
}
