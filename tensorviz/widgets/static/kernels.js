// What a node became in the program: its kernel, the time that was measured for it, its lines of C.

/** @param {import("./trace.js").Trace} trace @param {string} id @returns {number} the number of the kernel; -1 for none */
export const kernelNumber = (trace, id) => (trace.kernels || []).findIndex((kernel) => kernel.nodes.includes(id));

/**
 * The median of a kernel in the first measured run, and its share of all of them; null if nothing was measured.
 * @param {import("./trace.js").Trace} trace @param {number} number @returns {{median: number, share: number} | null}
 */
export function measuredTime(trace, number) {
  const timings = trace.profile?.runs?.[0]?.timings || [],
    mine = timings.find((t) => t.kernel === trace.kernels[number].id),
    all = timings.reduce((sum, t) => sum + t.median, 0);
  return mine ? { median: mine.median, share: all ? mine.median / all : 0 } : null;
}

/**
 * The lines of C that are a kernel; of a call of a library the line that takes it.
 * @param {import("./trace.js").Trace} trace @param {number} number @returns {{first: number, lines: string[]} | null}
 */
export function codeLines(trace, number) {
  const { first_line: first, last_line: last } = trace.kernels[number],
    text = (trace.codes || []).find((code) => code.language === "c")?.text || "";
  if (!text) return null;
  const lines = text.split("\n");
  if (first) return { first, lines: lines.slice(first - 1, last) };
  const at = lines.findIndex((line) => line.includes(`TV_STEP(${number},`));
  return at < 0 ? null : { first: at + 1, lines: [lines[at].trim()] };
}
