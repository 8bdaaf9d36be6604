// What an op is called on a node; the table comes from render/names.py.

/** @type {Record<string, string>} */
const BRIEF = {};

/** Take Python's table. @param {Record<string, string>} table */
export function setBrief(table) {
  Object.assign(BRIEF, table);
}

/** The word for an op in a picture. @param {string} op */
export const brief = (op) => (Object.hasOwn(BRIEF, op) ? BRIEF[op] : op);
