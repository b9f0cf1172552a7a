/** One section of a PE image: where its bytes are in the file. */
export interface PeSection {
  readonly name: string;
  readonly offsetBytes: number;
  readonly sizeBytes: number;
}

/** What is read of a PE image (Microsoft PE/COFF specification, sections 2 to 4). */
export interface PeImage {
  /** Machine type: 0x8664 x64, 0xaa64 arm64. */
  readonly machine: number;
  readonly sections: readonly PeSection[];
  /** Where the header has the checksum, which no signature covers. */
  readonly checksumOffset: number;
  /** Where the header tells of the certificate table; not covered either. */
  readonly certificateEntryOffset: number;
  /** The attribute certificates; `undefined` for an image without a signature. */
  readonly certificates: { readonly offsetBytes: number; readonly sizeBytes: number } | undefined;
}

/** No more of a file than this is read for its headers. */
export const peHeaderSizeBytes = 64 * 1024;

/** The headers of the PE image that begins with these bytes; `undefined` when they are none. Takes any bytes. */
export function readPe(head: Uint8Array): PeImage | undefined {
  const view = new DataView(head.buffer, head.byteOffset, Math.min(head.byteLength, peHeaderSizeBytes));
  const has = (at: number, size: number) => at >= 0 && at + size <= view.byteLength;
  if (!has(0, 64) || view.getUint16(0, true) !== 0x5a4d) return undefined;
  const header = view.getUint32(60, true);
  if (!has(header, 24) || view.getUint32(header, true) !== 0x4550) return undefined;
  const optional = header + 24;
  const optionalSize = view.getUint16(header + 20, true);
  if (!has(optional, optionalSize) || optionalSize < 152) return undefined;
  // PE32 has its data directories 16 bytes earlier than PE32+.
  const magic = view.getUint16(optional, true);
  if (magic !== 0x20b && magic !== 0x10b) return undefined;
  const certificateEntryOffset = optional + (magic === 0x20b ? 112 : 96) + 4 * 8;
  if (certificateEntryOffset + 8 > optional + optionalSize) return undefined;
  const certificatesAt = view.getUint32(certificateEntryOffset, true);
  const certificatesSize = view.getUint32(certificateEntryOffset + 4, true);

  const sections: PeSection[] = [];
  const count = view.getUint16(header + 6, true);
  for (let index = 0; index < count; index += 1) {
    const at = optional + optionalSize + 40 * index;
    if (!has(at, 40)) return undefined;
    const name = head.subarray(at, at + 8);
    const end = name.indexOf(0);
    const virtualSize = view.getUint32(at + 8, true);
    const rawSize = view.getUint32(at + 16, true);
    sections.push({
      name: String.fromCharCode(...name.subarray(0, end < 0 ? 8 : end)),
      offsetBytes: view.getUint32(at + 20, true),
      // On the disk a section is filled up to its alignment; in memory it has its own size.
      sizeBytes: virtualSize === 0 ? rawSize : Math.min(virtualSize, rawSize),
    });
  }
  return {
    machine: view.getUint16(header + 4, true),
    sections,
    checksumOffset: optional + 64,
    certificateEntryOffset,
    certificates: certificatesSize === 0 ? undefined : { offsetBytes: certificatesAt, sizeBytes: certificatesSize },
  };
}
