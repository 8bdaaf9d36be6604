// What an op is called on a node; the table comes from render/names.py.

/** @type {Record<string, string>} */
const BRIEF = {};

/** Take Python's table. @param {Record<string, string>} table */
export function setBrief(table) {
  Object.assign(BRIEF, table);
}

const LONGEST = 32;

/** A name as far as it fits, its start and its end. @param {string} name */
export function clipped(name, most = LONGEST) {
  const letters = Array.from(name);
  return letters.length <= most ? name : `${letters.slice(0, most - 9).join("")}…${letters.slice(-8).join("")}`;
}

/** The word for an op in a picture. @param {string} op */
export const brief = (op) => (Object.hasOwn(BRIEF, op) ? BRIEF[op] : op);
