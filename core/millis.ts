/** A span of time in milliseconds. The brand keeps a bare number from being taken for one. */
export type Millis = number & { readonly __unit: 'ms' };

export const millis = (count: number): Millis => count as Millis;
export const seconds = (count: number): Millis => millis(count * 1000);
export const minutes = (count: number): Millis => seconds(count * 60);

/** Renders a span as a person says it: `45s`, `3m05s`. */
export function renderDuration(span: Millis): string {
  const total = Math.max(0, Math.round(span / 1000));
  if (total < 60) return `${total}s`;
  return `${Math.floor(total / 60)}m${String(total % 60).padStart(2, '0')}s`;
}
