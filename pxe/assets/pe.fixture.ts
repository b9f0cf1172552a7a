/** The smallest PE32+ image with these sections, as systemd's stub with sections added looks to a reader. */
export function peImage(
  sections: Readonly<Record<string, Uint8Array | string>>,
  { machine = 0x8664 }: { machine?: number } = {},
): Uint8Array {
  const parts = Object.entries(sections).map(([name, content]) => ({
    name,
    bytes: typeof content === 'string' ? new TextEncoder().encode(content) : content,
  }));
  const aligned = (size: number) => Math.ceil(size / 512) * 512;
  const optionalSize = 240;
  const sectionsAt = 64 + 24 + optionalSize;
  let at = aligned(sectionsAt + 40 * parts.length);
  const bytes = new Uint8Array(at + parts.reduce((size, part) => size + aligned(part.bytes.length), 0));
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 0x5a4d, true);
  view.setUint32(60, 64, true);
  view.setUint32(64, 0x4550, true);
  view.setUint16(68, machine, true);
  view.setUint16(70, parts.length, true);
  view.setUint16(84, optionalSize, true);
  view.setUint16(86, 0x22, true);
  const optional = 88;
  view.setUint16(optional, 0x20b, true);
  view.setUint32(optional + 32, 4096, true);
  view.setUint32(optional + 36, 512, true);
  view.setUint32(optional + 56, 4096 * (1 + parts.length) + bytes.length, true);
  view.setUint32(optional + 60, at, true);
  view.setUint16(optional + 68, 10, true);
  view.setUint32(optional + 108, 16, true);
  let memory = 4096;
  for (const [index, part] of parts.entries()) {
    const row = sectionsAt + 40 * index;
    bytes.set(new TextEncoder().encode(part.name).subarray(0, 8), row);
    view.setUint32(row + 8, part.bytes.length, true);
    view.setUint32(row + 12, memory, true);
    view.setUint32(row + 16, aligned(part.bytes.length), true);
    view.setUint32(row + 20, at, true);
    view.setUint32(row + 36, 0x40000040, true);
    bytes.set(part.bytes, at);
    at += aligned(part.bytes.length);
    memory += Math.max(4096, Math.ceil(part.bytes.length / 4096) * 4096);
  }
  return bytes;
}
