/**
 * Listens to the events of a Talos API over one connection; with `calls` it also makes one call after the other there.
 * Prints `hears` and the kind of each event, and `broke off` with the fault's code when the stream does.
 */
import { connectTalos } from '../../talos/index.ts';

const [address = '', what] = process.argv.slice(2);
const client = connectTalos({ address });
await client.version();
const listen = async () => {
  for await (const event of client.events()) process.stdout.write(`hears ${event.type}\n`);
};
const listening = listen().catch((fault: unknown) =>
  process.stdout.write(`broke off: ${(fault as { code: string }).code}\n`),
);
if (what === 'calls') {
  for (let isUp = true; isUp; ) isUp = await client.version().then(Boolean, () => false);
}
await listening;
client.close();
