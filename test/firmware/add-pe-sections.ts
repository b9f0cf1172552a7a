/** A PE image with more sections, as `objcopy --add-section` makes it, for processors that the machine's own does not know. */
export function addPeSections(stub: Uint8Array, sections: readonly (readonly [string, Uint8Array])[]): Uint8Array {
  const old = new DataView(stub.buffer, stub.byteOffset, stub.byteLength);
  const header = old.getUint32(60, true);
  const optional = header + 24;
  const table = optional + old.getUint16(header + 20, true);
  const sectionAlignment = Math.max(old.getUint32(optional + 32, true), 0x10000);
  const fileAlignment = old.getUint32(optional + 36, true);
  const count = old.getUint16(header + 6, true);
  if (table + 40 * (count + sections.length) > old.getUint32(optional + 60, true)) {
    throw new Error('the header of the stub has no room for more sections');
  }
  const aligned = (value: number, alignment: number) => Math.ceil(value / alignment) * alignment;
  let at = aligned(stub.length, fileAlignment);
  let memory = 0;
  for (let index = 0; index < count; index += 1) {
    const row = table + 40 * index;
    memory = Math.max(memory, old.getUint32(row + 8, true) + old.getUint32(row + 12, true));
  }
  const bytes = new Uint8Array(
    sections.reduce((size, [, content]) => size + aligned(content.length, fileAlignment), at),
  );
  bytes.set(stub);
  const view = new DataView(bytes.buffer);
  for (const [index, [name, content]] of sections.entries()) {
    const row = table + 40 * (count + index);
    memory = aligned(memory, sectionAlignment);
    bytes.fill(0, row, row + 40);
    bytes.set(new TextEncoder().encode(name), row);
    view.setUint32(row + 8, content.length, true);
    view.setUint32(row + 12, memory, true);
    view.setUint32(row + 16, aligned(content.length, fileAlignment), true);
    view.setUint32(row + 20, at, true);
    view.setUint32(row + 36, 0x40000040, true);
    bytes.set(content, at);
    at += aligned(content.length, fileAlignment);
    memory += content.length;
  }
  view.setUint16(header + 6, count + sections.length, true);
  view.setUint32(optional + 56, aligned(memory, sectionAlignment), true);
  return bytes;
}
