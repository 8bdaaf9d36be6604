// What an op and its arguments are called on a node; the tables come from render/names.py.

/** @type {Record<string, string>} */
const BRIEF = {};

/** @type {Record<string, string[]>} */
const OPERANDS = {};

/** Take Python's tables. @param {Record<string, string>} words @param {Record<string, string[]>} operands */
export function setNames(words, operands) {
  Object.assign(BRIEF, words);
  Object.assign(OPERANDS, operands);
}

/** Whether the arguments of an op have names. @param {string} op */
export const hasOperands = (op) => Object.hasOwn(OPERANDS, op);

/** What argument k of such an op is, null if nobody asks. @param {string} op @param {number} k */
export const operand = (op, k) => OPERANDS[op][Math.min(k, OPERANDS[op].length - 1)] ?? null;

const LONGEST = 32;

/** A name as far as it fits, its start and its end. @param {string} name */
export function clipped(name, most = LONGEST) {
  const letters = Array.from(name);
  return letters.length <= most ? name : `${letters.slice(0, most - 9).join("")}…${letters.slice(-8).join("")}`;
}

/** The word for an op in a picture. @param {string} op */
export const brief = (op) => (Object.hasOwn(BRIEF, op) ? BRIEF[op] : op);
