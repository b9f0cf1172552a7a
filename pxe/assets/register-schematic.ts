import type { OpenHttp } from '../../core/ports.ts';
import { assetRefused, schematicDiffers } from './asset-faults.ts';
import { shortTextOf } from './download.ts';

/**
 * Makes a factory know a schematic, which it builds images of only then, and checks that it calls it by the id that was
 * computed here. Faults: `pxe/schematic-differs`, `pxe/asset-refused`, `platform/http-unanswered`.
 */
export async function registerSchematic(
  { factory, id, text }: { factory: string; id: string; text: string },
  openHttp: OpenHttp,
  signal: AbortSignal,
): Promise<void> {
  const url = `${factory.replace(/\/+$/, '')}/schematics`;
  const headers = { 'content-type': 'application/yaml' };
  const answer = await openHttp({ method: 'POST', url, headers, body: text }, signal);
  const body = await shortTextOf(answer);
  if (answer.status !== 200 && answer.status !== 201) throw assetRefused({ url, status: answer.status, text: body });
  const given = /"id"\s*:\s*"([0-9a-f]{64})"/.exec(body)?.[1];
  if (given !== id) throw schematicDiffers({ factory, wanted: id, given: given ?? 'nothing' });
}
