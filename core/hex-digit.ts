/** The character code of a digit from 0 to 15, in lower case. */
export const hexDigit = (value: number): number => (value < 10 ? zero : letterA - 10) + value;

const zero = 0x30;
const letterA = 0x61;
