import { request } from 'node:https';
import { seconds } from '../../core/millis.ts';
import type { HttpAnswer } from '../../core/ports.ts';

const patience = seconds(5);
const mostBytes = 1_000_000;

/** One GET over HTTPS of a server whose certificate nobody vouches for, as management controllers have it. No redirects. */
export const getUnverified = (url: string, signal: AbortSignal): Promise<HttpAnswer> =>
  new Promise((resolve, reject) => {
    const either = AbortSignal.any([AbortSignal.timeout(patience), signal]);
    const call = request(url, { rejectUnauthorized: false, signal: either, agent: false }, (answer) => {
      let text = '';
      answer
        .setEncoding('utf8')
        .on('data', (chunk: string) => {
          text += chunk;
          if (text.length > mostBytes) call.destroy(new Error('it sends more than a megabyte'));
        })
        .on('end', () => {
          const headers = Object.entries(answer.headers).map(([name, value]) => [name, String(value)] as const);
          resolve({ status: answer.statusCode ?? 0, headers: Object.fromEntries(headers), text });
        })
        .on('error', reject);
    });
    call.on('error', reject).end();
  });
