import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { parseTalosconfig, schematicId, type TalosKeys } from '../../talos/index.ts';
import { observeTalos } from '../../talos/testing/observe-talos.ts';
import { expectExit } from './expect-exit.ts';
import { resizeRackFile, resizeScenario } from './resize-rack.ts';
import { startSite } from './start-site.ts';

const size = { controlPlanes: 1, workers: 1 };
const schematic = { customization: { systemExtensions: { officialExtensions: ['siderolabs/drbd'] } } };

/** A factory that nobody has, so that nobody outside of this computer is asked for an image. */
const talos = { version: 'v1.13.9', factory: 'factory.invalid', schematic };
const withPatch = (text: string, value: string): string =>
  stringify({
    ...(parse(text) as object),
    talos,
    patches: { all: [{ inline: { machine: { env: { GREETING: value } } } }] },
  });

describe('rackwright up with a schematic and patches', () => {
  it('refuses a patch that changed in the middle of an install, and ends with machines that run the schematic', async () => {
    const site = await startSite({
      number: 136,
      speed: 20,
      change: (scenario) => resizeScenario(scenario, size),
      changeFile: (text) => withPatch(resizeRackFile(text, size), 'hello'),
    });
    try {
      const killed = await site.up(undefined, {
        onEvent: (event, _, kill) => {
          if (event.type === 'step.done' && event.step === 'install/cp-1') kill();
        },
      });
      expectExit(killed, 'SIGKILL');

      await site.changeFile((text) => withPatch(text, 'good morning'));
      const refused = await site.up();
      expectExit(refused, 3);
      expect(refused.events.at(-1)).toMatchObject({
        type: 'run.finished',
        fault: {
          code: 'installer/settings-changed',
          title: expect.stringContaining('machines.cp-1.patches.all was 1 with digest') as string,
        },
      });

      await site.changeFile((text) => withPatch(text, 'hello'));
      expectExit(await site.up(), 0);
      const [context] = parseTalosconfig((await site.file('demo.talosconfig')).text).contexts;
      const { machines } = parse((await site.file('rack.yaml')).text) as { machines: { address: string }[] };
      for (const { address } of machines) {
        const { image } = await observeTalos({ address, keys: context?.keys as TalosKeys });
        expect([address, image?.schematic]).toEqual([address, schematicId(schematic)]);
      }
    } finally {
      await site.close();
    }
  });
});
