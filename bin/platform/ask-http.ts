import { seconds } from '../../core/millis.ts';
import type { AskHttp } from '../../core/ports.ts';
import { getUnverified } from './ask-unverified.ts';
import { httpUnanswered } from './platform-faults.ts';

const patience = seconds(5);
/** What is asked for in this way is small: a token, a header, a list. */
const mostBytes = 1_000_000;

/** Asks with the platform's own HTTP client; redirects are followed. */
export const askHttp: AskHttp = async ({ method, url, headers = {}, anyCertificate = false }, signal) => {
  const late = AbortSignal.timeout(patience);
  try {
    if (anyCertificate) return await getUnverified(url, signal);
    const answer = await fetch(url, { method, headers, signal: AbortSignal.any([late, signal]) });
    const isLong = Number(answer.headers.get('content-length') ?? 0) > mostBytes;
    const text = isLong || method === 'HEAD' ? '' : (await answer.text()).slice(0, mostBytes);
    return { status: answer.status, headers: Object.fromEntries(answer.headers), text };
  } catch (cause) {
    throw httpUnanswered({ url, why: reasonOf(cause) }, { cause });
  }
};

function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  if (thrown.name === 'TimeoutError') return `no answer within ${patience / 1000} s`;
  return thrown.cause instanceof Error ? thrown.cause.message : thrown.message;
}
