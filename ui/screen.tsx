import { Box, Static, Text } from 'ink';
import type { Tone } from './machine-state.ts';
import type { Row } from './screen-row.ts';

/** Something that is said once and then belongs to the terminal's history. */
export interface FinishedLine {
  readonly key: number;
  readonly text: string;
  readonly tone?: Tone;
}

const styles = {
  good: { color: 'green' },
  bad: { color: 'red' },
  busy: { color: 'cyan' },
  quiet: { dimColor: true },
  loud: { bold: true },
} as const satisfies Record<Tone, object>;

/** Finished lines above, the live rows below them. It draws what it is given and keeps no state. */
export function Screen({
  finished,
  rows,
  hasColour,
}: {
  readonly finished: readonly FinishedLine[];
  readonly rows: readonly Row[];
  readonly hasColour: boolean;
}) {
  const styleOf = (tone: Tone | undefined) => (hasColour && tone !== undefined ? styles[tone] : {});
  return (
    <Box flexDirection="column">
      <Static items={[...finished]}>
        {({ key, text, tone }) => (
          <Text key={key} {...styleOf(tone)}>
            {text === '' ? ' ' : text}
          </Text>
        )}
      </Static>
      {rows.map((row, index) => (
        <Text key={index} wrap="truncate-end">
          {row.length === 0
            ? ' '
            : row.map(({ text, tone }, at) => (
                <Text key={at} {...styleOf(tone)}>
                  {text}
                </Text>
              ))}
        </Text>
      ))}
    </Box>
  );
}
