import type { Emit } from '../core/event.ts';
import { faultFrom } from '../core/fault.ts';
import type { Files, HttpRequest, HttpResponse, ReadableFile } from '../core/ports.ts';

export interface HttpAnswerOptions {
  readonly files: Files;
  readonly emit: Emit;
  /** The path of the file that may be sent under this name now; `undefined` for all others. */
  readonly pathOf: (name: string) => string | undefined;
}

/**
 * HEAD and GET of boot files, as UEFI HTTP boot asks for them (UEFI 2.10 section 24.7). EDK2 takes no redirect, is
 * four times slower without a Content-Length, and believes the content type before the name.
 */
export async function answerHttp(request: HttpRequest, options: HttpAnswerOptions): Promise<HttpResponse> {
  const path = options.pathOf(request.path.slice(1));
  if (path === undefined || !request.path.startsWith('/')) return withoutBody(404);
  if (request.method !== 'GET' && request.method !== 'HEAD') return withoutBody(405, { Allow: 'GET, HEAD' });
  let file: ReadableFile | undefined;
  try {
    file = await options.files.open(path);
  } catch (thrown) {
    const reason = `${request.path} cannot be sent: ${faultFrom(thrown).message}`;
    options.emit({ type: 'packet.dropped', from: request.remoteAddress, reason });
    return withoutBody(500);
  }
  if (file === undefined) return withoutBody(404);
  const { sizeBytes } = file;
  const headers = { 'Content-Type': 'application/efi', 'Content-Length': String(sizeBytes) };
  if (request.method === 'HEAD') {
    await file.close();
    return { status: 200, headers };
  }
  return {
    status: 200,
    headers,
    body: file.stream(0, sizeBytes),
    onFinished: (sentBytes) => {
      void file.close();
      options.emit({
        type: 'file.served',
        address: request.remoteAddress,
        file: request.path.slice(1),
        protocol: 'http',
        bytes: sentBytes,
        complete: sentBytes === sizeBytes,
      });
    },
  };
}

const withoutBody = (status: number, headers: Readonly<Record<string, string>> = {}): HttpResponse => ({
  status,
  headers: { ...headers, 'Content-Length': '0' },
});
