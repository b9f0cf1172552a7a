import type { AppendableFile, Files, ReadableFile } from '../../core/ports.ts';

/** Files in memory, with the promises of the port. */
export class MemoryFiles implements Files {
  readonly contents = new Map<string, { bytes: Uint8Array; mode: number }>();

  async readText(path: string): Promise<string | undefined> {
    const file = this.contents.get(path);
    return file === undefined ? undefined : new TextDecoder().decode(file.bytes);
  }

  async open(path: string): Promise<ReadableFile | undefined> {
    const file = this.contents.get(path);
    if (file === undefined) return undefined;
    const { bytes } = file;
    return {
      sizeBytes: bytes.length,
      read: async (offset, length) => bytes.subarray(offset, offset + length),
      stream: async function* (start, end) {
        yield bytes.subarray(start, end);
      },
      close: async () => undefined,
    };
  }

  async mode(path: string): Promise<number | undefined> {
    return this.contents.get(path)?.mode;
  }

  async makeDirectory(): Promise<void> {}

  async appendDurably(path: string, text: string): Promise<void> {
    const before = (await this.readText(path)) ?? '';
    this.contents.set(path, { bytes: new TextEncoder().encode(before + text), mode: 0o600 });
  }

  async openAppend(path: string): Promise<AppendableFile> {
    return { appendDurably: (text) => this.appendDurably(path, text), close: async () => undefined };
  }

  async writeAtomically(path: string, content: string | Uint8Array, mode: number): Promise<void> {
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    this.contents.set(path, { bytes, mode });
  }

  async truncate(path: string, sizeBytes: number): Promise<void> {
    const file = this.contents.get(path);
    if (file !== undefined) this.contents.set(path, { ...file, bytes: file.bytes.subarray(0, sizeBytes) });
  }
}
