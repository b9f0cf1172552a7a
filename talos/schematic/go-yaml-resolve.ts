/**
 * Whether go-yaml 3 would read this plain text as something else than a string: null, a boolean, a number, a time, or
 * what YAML 1.1 took for one. Such strings it writes in double quotes.
 */
export function resolvesToNonString(text: string): boolean {
  return otherWords.has(text) || isBase60(text) || isTimestamp(text) || isNumber(text);
}

const cased = (word: string) => [word, word.charAt(0).toUpperCase() + word.slice(1), word.toUpperCase()];

const otherWords = new Set([
  '',
  '~',
  ...['null', 'true', 'false', 'y', 'n', 'yes', 'no', 'on', 'off'].flatMap(cased),
  ...['.inf', '+.inf', '-.inf'].flatMap((word) => [word, word.replace('i', 'I'), word.toUpperCase()]),
  '.nan',
  '.NaN',
  '.NAN',
]);

/** Sexagesimal numbers, as in `12:30`. */
const isBase60 = (text: string): boolean => /^[-+]?\d[\d_]*(:[0-5]?\d)+(\.[\d_]*)?$/.test(text);

function isNumber(text: string): boolean {
  // Behind a point Go itself reads the number, and wants digits around each underscore.
  if (text.startsWith('.')) return isFloat(text.replaceAll(/(?<=\d)_(?=\d)/g, ''));
  if (!/^[-+\d]/.test(text)) return false;
  const plain = text.replaceAll('_', '');
  return isInteger(plain) || isFloat(plain);
}

const isFloat = (text: string): boolean =>
  /^[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?$/.test(text) && Number.isFinite(Number(text));

const int64 = 1n << 63n;
const digitsOf: Readonly<Record<string, RegExp>> = { x: /^[\da-fA-F]+$/, o: /^[0-7]+$/, b: /^[01]+$/ };

/** In the bases of Go's integer literals, as long as 64 bits hold it. */
function isInteger(plain: string): boolean {
  const found = /^([-+]?)0([xobXOB])([-+]?)([\da-fA-F]+)$/.exec(plain);
  if (found === null) return /^[-+]?\d+$/.test(plain) && /^[-+]?(0[0-7]*|[1-9]\d*)$/.test(plain) && fitsDecimal(plain);
  const [, outer = '', base = '', inner = '', digits = ''] = found;
  // After a lower-case 0b or 0o go-yaml reads a second sign; nothing else may have one.
  if (inner !== '' && (outer !== '' || (base !== 'b' && base !== 'o'))) return false;
  if (!digitsOf[base.toLowerCase()]?.test(digits)) return false;
  return fits(BigInt(`0${base.toLowerCase()}${digits}`), outer + inner);
}

/** A long row of digits is a float all the same, so only octals can be too large. */
const fitsDecimal = (plain: string): boolean => {
  const [, sign = '', zero = '', digits = ''] = /^([-+]?)(0?)(\d*)$/.exec(plain) ?? [];
  return digits === '' || fits(BigInt(zero === '' ? digits : `0o${digits}`), sign);
};

const fits = (value: bigint, sign: string): boolean =>
  sign === '' ? value < 2n * int64 : sign === '-' ? value <= int64 : value < int64;

const timestamp =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:[Tt](\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?(?:Z|[-+](\d{2}):(\d{2})))|(?: (\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?))?$/;

function isTimestamp(text: string): boolean {
  const found = timestamp.exec(text);
  if (found === null) return false;
  const [year, month, day, ...rest] = found.slice(1).map((part: string | undefined) => Number(part ?? 0));
  if (year === undefined || month === undefined || day === undefined) return false;
  const [h1 = 0, m1 = 0, s1 = 0, zoneHour = 0, zoneMinute = 0, h2 = 0, m2 = 0, s2 = 0] = rest;
  const isClock = Math.max(h1, h2) < 24 && Math.max(m1, m2) < 60 && Math.max(s1, s2) < 60;
  return (
    month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month) && isClock && zoneHour <= 24 && zoneMinute <= 60
  );
}

function daysIn(year: number, month: number): number {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
}
