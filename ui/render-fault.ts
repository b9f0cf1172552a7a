import type { FaultView, Place } from '../core/fault.ts';

/** A fault as lines: what happened, where, in what state things are, what to do next, and the code to look it up by. */
export function renderFault(fault: FaultView): readonly [string, ...string[]] {
  const [first = '', ...more] = fault.title.split('\n');
  return [
    first,
    ...more,
    ...fault.places.map((place) => `at    ${renderPlace(place)}`),
    `state ${fault.state}`,
    `next  ${fault.remedy}`,
    `code  ${fault.code}`,
  ];
}

function renderPlace({ file, path, line, column }: Place): string {
  const position = [file, line, column].filter((part) => part !== undefined).join(':');
  return path === '' ? position : `${position} ${path}`;
}
