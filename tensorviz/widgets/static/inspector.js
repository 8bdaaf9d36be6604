// What the side panels say of a node: the same in every screen.
import { h, kbd } from "./dom.js";
import { CHANGE_SIGNS, CHANGE_WORDS, detailOf, isLeaf } from "./figures.js";
import { bytes, count, percent, plural, seconds, typeText } from "./format.js";
import { codeLines, kernelNumber, measuredTime } from "./kernels.js";
import { mathml } from "./mathml.js";
import { fade, formulaParts, shrinkToFit } from "./room.js";

const MOST_OPS = 6; // named of a group
const MOST_LINES = 120; // of C
const FORMULA_SIZES = [15, 14, 13, 12, 11]; // pixels
const SIGN_CLASSES = { add: "tv-ok", rem: "tv-bad", chg: "tv-chg" };

/** "cell 3, line 4". */
export function placeText(origin) {
  return `${origin.file}${origin.line ? `${origin.file ? ", " : ""}line ${origin.line}` : ""}`;
}

/** Operators in source lines. */
const SIGNS = { add: "+", subtract: "-", multiply: "*", true_divide: "/", matmul: "@", power: "**", negative: "-" };

/** Where one of `ops` stands in a line: its call, else its operator with both sides, if that is there but once; null for nowhere. */
export function partOf(text, ops) {
  for (const op of ops) {
    const name = op.replace(/[^\w]/g, "");
    const at = name.length > 1 ? text.search(new RegExp(`(?<![\\w.])[\\w.]*\\b${name}\\(`)) : -1;
    for (let end = at, depth = 0; at >= 0 && end < text.length; end++) {
      if (text[end] === "(") depth += 1;
      if (text[end] === ")" && --depth === 0) return [at, end + 1];
    }
    const sign = Object.hasOwn(SIGNS, op) ? SIGNS[op].replace(/[*+]/g, "\\$&") : "";
    const found = sign ? [...text.matchAll(new RegExp(`[\\w.\\])]+ ${sign} [\\w.]+`, "g"))] : [];
    if (found.length === 1) {
      const [from, to] = [found[0].index, found[0].index + found[0][0].length];
      const cut = /^[[(]/.test(text.slice(to)),
        torn = "+-".includes(SIGNS[op]) && (/[*\/@] $/.test(text.slice(0, from)) || /^ [*\/@]/.test(text.slice(to)));
      return cut || torn ? null : [from, to];
    }
  }
  return null;
}

/** The source line with the part that made the node marked. @param {string} text @param {string[]} ops */
function sourceLine(text, ops) {
  const [from, to] = partOf(text, ops) || [0, 0];
  const mark = to ? h("mark", null, text.slice(from, to)) : null;
  return h("pre", { class: "tv-source" }, text.slice(0, from), mark, text.slice(to));
}

/** The op of a node, then the ops of what the rule replaced by it. */
function opsBehind(trace, node) {
  const event = node.made_by ? trace.events.find((e) => e.after.includes(node.id)) : null;
  const old = event ? trace.records.find((r) => r.id === event.root) : null;
  return [node.op, ...(old ? [old.op] : [])];
}

/** What a node is called where only its id is at hand. */
function nameOfNode(trace, id) {
  const node = id ? trace.records.find((r) => r.id === id) : null;
  return node ? node.name || node.text || node.op : id;
}

function costText(time, size) {
  return [time ? seconds(time) : "", size ? bytes(size) : ""].filter(Boolean).join(", ");
}

function fact(name, value, mono) {
  return value ? [h("dt", null, name), h("dd", { class: mono ? "tv-mono" : null }, value)] : [];
}

/**
 * All that is known of a node.
 * @param {import("./trace.js").Trace} trace @param {import("./trace.js").TraceNode} node @param {string} change
 */
export function nodeFacts(trace, node, change) {
  const origin = trace.originsOf(node)[0];
  const title = isLeaf(node.kind) ? node.name || node.value || node.id : node.op;
  const formula =
    mathml(node.mathml, { display: true }) || (node.text ? h("div", { class: "tv-mono tv-expression" }, node.text) : null);
  return [
    h(
      "div",
      { class: "tv-node-title" },
      change ? h("span", { class: SIGN_CLASSES[change], title: CHANGE_WORDS[change] }, `${CHANGE_SIGNS[change]} `) : null,
      title,
      node.param ? h("span", { class: "tv-mono tv-dim" }, ` ${node.param}`) : null,
    ),
    formula ? h("div", { class: "tv-formula" }, formulaParts(formula)) : null,
    h(
      "dl",
      { class: "tv-facts" },
      fact("is", isLeaf(node.kind) ? node.kind : "", false),
      fact("type", typeText(node), true),
      fact("name", isLeaf(node.kind) ? "" : node.name, true),
      fact("value", node.kind === "constant" ? node.value : "", true),
      fact("made by", node.made_by, true),
      fact("gradient of", nameOfNode(trace, node.gradient_of)),
      fact("est.", costText(node.seconds, node.bytes)),
      kernelFacts(trace, node),
      fact("part of", (node.group || []).join(" › ")),
      fact("from", origin ? placeText(origin) : ""),
    ),
    origin && origin.text ? sourceLine(origin.text, opsBehind(trace, node)) : null,
    node.doc ? h("p", { class: "tv-dim tv-doc" }, node.doc) : null,
    kernelCode(trace, node),
  ];
}

/** Whether a node is all that its kernel does, not one of many in it. */
const isWhole = (kernel, node) => kernel.nodes[kernel.nodes.length - 1] === node.id;

/** The kernel that a node runs in, and the time that was measured for it. */
function kernelFacts(trace, node) {
  const number = kernelNumber(trace, node.id);
  if (number < 0) return [];
  const kernel = trace.kernels[number],
    time = measuredTime(trace, number);
  const words = time ? `${seconds(time.median)}, ${percent(time.share)} of all${isWhole(kernel, node) ? "" : " (the kernel)"}` : "";
  return [fact("runs in", kernel.name, true), fact("measured", words)];
}

/** The C of the kernel that a node runs in; of one of many nodes in it only on request. */
function kernelCode(trace, node) {
  const number = kernelNumber(trace, node.id),
    code = number < 0 ? null : codeLines(trace, number);
  if (!code) return null;
  const shown = code.lines.slice(0, MOST_LINES),
    more = code.lines.length - shown.length,
    last = code.first + code.lines.length - 1;
  const ontoggle = (event) => fitInspector(event.target.closest(".tv-side"));
  return h(
    "details",
    { class: "tv-c", open: isWhole(trace.kernels[number], node), ontoggle },
    h("summary", null, last > code.first ? `C, lines ${code.first} to ${last}` : `C, line ${code.first}`),
    h("pre", { tabindex: 0 }, shown.join("\n")),
    more > 0 ? h("p", { class: "tv-dim" }, `and ${plural(more, "more line")}`) : null,
  );
}

/** Fit what is in the inspector: formulas get smaller letters; what is too large even so fades out where it goes on. */
export function fitInspector(side) {
  if (!side) return;
  for (const formula of side.querySelectorAll(".tv-formula")) shrinkToFit(formula, FORMULA_SIZES);
  for (const box of [...side.querySelectorAll(".tv-formula, .tv-source, .tv-c pre"), side]) fade(box);
}

/** How often each op is in a list of nodes, the most frequent first, then leaves by kind: "mul 3, add 2, sum, shared 4". */
function opsOf(nodes) {
  const found = new Map(),
    leaves = ["input", "shared", "constant"].map((kind) => [kind, nodes.filter((node) => node.kind === kind).length]);
  for (const node of nodes) if (node.kind === "op") found.set(node.op, (found.get(node.op) || 0) + 1);
  const sorted = [...found].sort((a, b) => b[1] - a[1]);
  const others = sorted.slice(MOST_OPS).reduce((sum, [, n]) => sum + n, 0),
    named = [...sorted.slice(0, MOST_OPS), ...(others ? [["other operations", others]] : []), ...leaves.filter(([, n]) => n)];
  return named.map(([op, n]) => (n > 1 ? `${op} ${count(n)}` : op)).join(", ");
}

/**
 * All that is known of a closed group.
 * @param {import("./trace.js").Trace} trace @param {import("./trace.js").Diff} diff @param {import("./figures.js").Figure} card
 * @param {() => void} open
 */
export function groupFacts(trace, diff, card, open) {
  const nodes = card.members.map((m) => diff.nodes.get(m)).filter(Boolean),
    sum = (field) => nodes.reduce((n, node) => n + (node[field] || 0), 0),
    origin = nodes.map((node) => trace.originsOf(node)[0]).find(Boolean);
  const changed = Object.keys(CHANGE_WORDS).filter((k) => card.members.some((m) => diff.changes.get(m) === k));
  const words = changed.map((k) => `${card.members.filter((m) => diff.changes.get(m) === k).length} ${CHANGE_WORDS[k]}`);
  return [
    h("div", { class: "tv-node-title" }, card.label, h("span", { class: "tv-dim" }, `  ${plural(nodes.length, "node")}`)),
    h(
      "dl",
      { class: "tv-facts" },
      fact("holds", opsOf(nodes)),
      fact("gives", detailOf(card).includes("node") ? typeText(nodes[nodes.length - 1]) : detailOf(card), true),
      fact("changed", words.join(", ")),
      fact("est.", costText(sum("seconds"), sum("bytes"))),
      fact("from", origin ? placeText(origin) : ""),
    ),
    origin && origin.text ? sourceLine(origin.text, []) : null,
    h("button", { class: "tv-btn wide tv-open-group", type: "button", onclick: open }, "Open the group ", kbd("g")),
  ];
}

/**
 * The lines of the card beside a node: what it is, where it was written, the user's line.
 * @param {import("./trace.js").Trace} trace @param {import("./trace.js").Diff} diff @param {import("./figures.js").Figure} box
 */
export function tellOf(trace, diff, box) {
  const node = diff.nodes.get(box.id),
    origin = node && trace.originsOf(node)[0];
  const what = [h("b", null, box.label), ` ${detailOf(box)}`];
  if (box.change) what.push(`, ${CHANGE_WORDS[box.change]}`);
  return [what, ...(origin ? [placeText(origin), origin.text] : []).filter(Boolean)];
}
