import { faultFrom } from '../../core/fault.ts';
import type { Millis } from '../../core/millis.ts';
import type { Clock, OpenHttp } from '../../core/ports.ts';

/** Why an Image Factory cannot be asked from here, as `answers 503`; `undefined` when it answers within `patience`. Never rejects. */
export async function askFactory(
  factory: string,
  { openHttp, clock, patience }: { openHttp: OpenHttp; clock: Pick<Clock, 'sleep'>; patience: Millis },
): Promise<string | undefined> {
  const leaving = new AbortController();
  const silence = clock.sleep(patience, leaving.signal).then(() => 'does not answer');
  const url = `${factory.replace(/\/+$/, '')}/versions`;
  const answer = openHttp({ method: 'GET', url }, leaving.signal).then(
    ({ status }) => (status === 200 ? undefined : `answers ${status}`),
    (thrown: unknown) => `cannot be reached: ${faultFrom(thrown).message}`,
  );
  const why = await Promise.race([answer, silence]);
  leaving.abort();
  return why;
}
