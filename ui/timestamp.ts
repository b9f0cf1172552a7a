/** To the second, in UTC, as log files have it: `2026-09-11T10:42:03Z`. */
export const renderInstant = (at: string): string => at.replace(/\.\d+Z$/, 'Z');

/** Only the time of day, in UTC: `10:42:03`. */
export const renderTimeOfDay = (at: string): string => at.slice(11, 19);
