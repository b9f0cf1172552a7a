import type { StampedEvent } from '../core/event.ts';

/**
 * One line of NDJSON, without the line break: the event with the apiVersion and kind that tell a reader how to take it.
 * Fields of the event keep their names and meaning for as long as the apiVersion stays.
 */
export function renderJson(event: StampedEvent): string {
  const { type, at, ...rest } = event;
  return JSON.stringify({ apiVersion: 'rackwright.dev/v1alpha1', kind: 'Event', type, at, ...rest });
}
