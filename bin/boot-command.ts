import { Option } from 'commander';
import type { BootTimeline } from '../core/boot-timeline.ts';
import { type BootTimelines, foldBoot } from '../core/boot-timeline.ts';
import type { StampedEvent } from '../core/event.ts';
import { explainStall } from '../core/explain-stall.ts';
import { defineFault, type ExitCode } from '../core/fault.ts';
import { parseMac } from '../core/mac-address.ts';
import { type Millis, millis } from '../core/millis.ts';
import { printable } from '../ui/index.ts';
import { answer } from './answer.ts';
import type { AddCommand } from './cli.ts';
import { parseEvents } from './follow-events.ts';
import { lookOf } from './print-lines.ts';
import { readRackPlace } from './read-rack-place.ts';
import { eventLogPath } from './record-events.ts';
import type { World } from './world.ts';

interface TraceFlags {
  readonly state?: string;
  readonly output: 'text' | 'json';
}

const noSuchBoot = defineFault<{ wanted: string; known: readonly string[] }>('bin/no-such-boot', {
  kind: 'operator',
  exitCode: 4,
  title: ({ wanted }) => `${wanted} was not seen to boot`,
  state: () => 'Nothing was started.',
  remedy: ({ known }) =>
    known.length === 0
      ? 'No machine was seen to boot yet: power one on while rackwright serves boots, or run rackwright doctor boot.'
      : `Seen were ${known.join(', ')}.`,
});

/** `rackwright boot trace`: how a machine booted last, and why it did not go on. */
export const addBootCommand: AddCommand = (program, { world, end }) => {
  program
    .command('boot')
    .description('How machines boot.')
    .command('trace')
    .description('Tells how a machine booted last, from its DISCOVER to Talos, and the likely cause where it stopped.')
    .argument('<rack-file>', 'the rack file')
    .argument('[machine]', 'its name in the rack file or its MAC address; all when left out')
    .addOption(new Option('-o, --output <format>', 'how to show it').choices(['text', 'json']).default('text'))
    .option('--state <directory>', 'where the journal and the events are kept')
    .action(async (path: string, wanted: string | undefined, flags: TraceFlags) => {
      const code = await answer(world, async (): Promise<ExitCode> => {
        const { stateDirectory } = await readRackPlace(path, flags, world);
        const text = (await world.files.readText(eventLogPath(stateDirectory))) ?? '';
        const timelines = parseEvents(text).reduce<BootTimelines>(
          (all, event: StampedEvent) => foldBoot(all, event),
          new Map(),
        );
        tell(choose([...timelines.values()], wanted), flags.output, world);
        return 0;
      });
      end(code);
    });
};

function choose(timelines: readonly BootTimeline[], wanted: string | undefined): readonly BootTimeline[] {
  if (wanted === undefined) return timelines;
  const mac = parseMac(wanted);
  const chosen = timelines.filter((one) => one.machine === wanted || one.mac === mac);
  if (chosen.length > 0) return chosen;
  throw noSuchBoot({ wanted, known: timelines.map(({ machine, mac }) => machine ?? mac) });
}

function tell(timelines: readonly BootTimeline[], output: TraceFlags['output'], { out, env, clock }: World): void {
  const now = millis(clock.now().getTime());
  if (output === 'json') {
    const items = timelines.map((one) => ({ ...one, stall: explainStall(one, now) }));
    const document = { apiVersion: 'rackwright.dev/v1alpha1', kind: 'BootTraceList', items };
    out.write(`${JSON.stringify(document, undefined, 2)}\n`);
    return;
  }
  const look = lookOf({ env });
  const text = timelines
    .map((one) =>
      describe(one, now)
        .map((line) => `${printable(line, look)}\n`)
        .join(''),
    )
    .join('\n');
  out.write(text === '' ? 'No machine was seen to boot yet.\n' : text);
}

function describe(timeline: BootTimeline, now: Millis): string[] {
  const { mac, machine, firmware, moments } = timeline;
  const stall = explainStall(timeline, now);
  return [
    `${machine === undefined ? mac : `${machine} (${mac})`} by ${firmware}`,
    ...moments.map(({ at, says }) => `  ${at}  ${says}`),
    ...(stall === undefined
      ? []
      : [
          `  stands still since ${stall.since}`,
          `  cause  ${stall.cause}`,
          `  shows  ${stall.shows}`,
          `  next   ${stall.remedy}`,
        ]),
  ];
}
