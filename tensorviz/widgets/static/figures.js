// What is written on a box and how large it is. Mirrors render/figures.py.
import { boxWidth, textWidth } from "./fonts.js";
import { typeText } from "./format.js";
import { brief, clipped, hasOperands, operand } from "./names.js";

const GAP = "\u00a0\u00a0";
const EITHER_WAY = new Set([
  "add",
  "mul",
  "maximum",
  "minimum",
  "equal",
  "not_equal",
  "and",
  "or",
  "xor",
]); // by brief name
const LEAF_KINDS = new Set(["input", "shared", "constant", "value"]);

/** The words for the ways in which a node changes. */
export const CHANGE_WORDS = { add: "added", rem: "removed", chg: "rewired" };
export const CHANGE_SIGNS = { add: "+", rem: "−", chg: "~" };

/**
 * @typedef {{key: string, id: string, kind: string, family: string, label: string, note: string, type: string,
 *   badges: {text: string, kind: string, w: number}[], change: string, heat: number | null, pale: boolean, output: string,
 * isOutput: boolean, aside: boolean,
 *   tall: boolean, matched: boolean, members: string[], repeats: string, right?: number, w: number, h: number, x: number, y: number}} Figure
 */

/** Whether a kind of node is drawn as a pill. @param {string} kind */
export const isLeaf = (kind) => LEAF_KINDS.has(kind);

/** @returns {Figure} */
function blankFigure(key, kind, family) {
  return {
    key,
    id: key,
    kind,
    family,
    label: "",
    full: "",
    note: "",
    type: "",
    badges: [],
    change: "",
    heat: null,
    pale: false,
    output: "",
    isOutput: false,
    aside: false,
    tall: false,
    matched: false,
    members: [key],
    repeats: "",
    w: 0,
    h: 24,
    x: 0,
    y: 0,
  };
}

const lengthsOf = (node) => typeText(node).replace(/^\S* /, "");

/** The type as far as it differs from the first input's. */
function typeChange(node, first) {
  if (!first || node.dtype !== first.dtype) return typeText(node);
  const same = node.shape.length === first.shape.length && node.shape.every((n, i) => n === first.shape[i]);
  return same ? "" : lengthsOf(node);
}

/**
 * The figure of one node.
 * @param {import("./trace.js").TraceNode} node
 * @param {Map<number, string>} inside constants written in it, by argument number
 * @param {import("./trace.js").TraceNode | null} first the first input that is not inside @returns {Figure}
 */
export function nodeFigure(node, inside, first, pale = false) {
  const figure = { ...blankFigure(node.id, node.kind, node.family), pale };
  if (node.kind === "constant") {
    figure.label = node.value.replaceAll("-", "−") || node.name || "constant";
    figure.type = node.shape.length && figure.label !== typeText(node) ? typeText(node) : "";
  } else if (node.kind !== "op") {
    figure.label = node.name || node.kind;
    figure.type = pale ? "" : typeText(node);
  } else {
    figure.label = brief(node.op);
    figure.note = [paramText(node), constantsText(node, inside)].filter(Boolean).join(GAP);
    figure.type = typeChange(node, first);
  }
  return clip(figure);
}

/** A long name on a figure is clipped; the whole of it is what is read out. */
function clip(figure) {
  const short = clipped(figure.label);
  return short === figure.label ? figure : { ...figure, label: short, full: figure.label };
}

/**
 * The pale twin of a figure beside a reader far below: a pill with the name that the value has, else the word of the op.
 * @param {Figure} figure @param {import("./trace.js").TraceNode} node @param {string} target @returns {Figure}
 */
export function ghostFigure(figure, node, target) {
  let twin;
  if (isLeaf(figure.kind)) twin = nodeFigure(node, new Map(), null, true);
  else if (figure.kind === "group" || node.name)
    twin = { ...blankFigure("", "value", "leaf"), label: clipped(figure.kind === "group" ? figure.label : node.name), pale: true };
  else twin = { ...blankFigure("", "op", node.family), label: figure.label, pale: true };
  return { ...twin, key: `${figure.key}@${target}`, id: figure.id, members: figure.members.slice(), repeats: figure.key };
}

/** What the type beside it does not say. */
function paramText(node) {
  const words = node.param.replace(/keepdims$/, "").trim();
  return words === node.dtype ? "" : words.replace(/-(?=\d)/g, "−");
}

function constantsText(node, inside) {
  if (!inside.size) return "";
  const text = (value) => value.replaceAll("-", "−");
  const only = inside.size === 1 && inside.has(1) && node.inputs.length === 2;
  if (EITHER_WAY.has(brief(node.op)) || only) return [...inside.values()].map(text).join(" ");
  if (hasOperands(node.op)) {
    const said = [...inside].map(([i, value]) => [operand(node.op, i), text(value)]).filter(([name]) => name !== null);
    return said.map(([name, value]) => `${name} ${value}`.trim()).join(", ");
  }
  return node.inputs.map((_, i) => (inside.has(i) ? text(inside.get(i)) : "·")).join(", ");
}

/** The figure of a closed group; `results` are its nodes that are read outside. @returns {Figure} */
export function groupFigure(group, results) {
  const figure = {
    ...blankFigure(group.members[group.members.length - 1], "group", "fused"),
    ...(group.key ? { key: group.key } : {}),
    label: group.name,
    members: group.members.slice(),
  };
  if (group.kernel) {
    figure.type = [...new Set(results.map(lengthsOf))].slice(0, 2).join(", ");
    figure.badges.push(makeBadge(`${group.members.length} fused`));
  } else {
    figure.type = group.text || `${group.members.length} nodes`;
  }
  return clip(figure);
}

/** What changed inside a group: "−1", "+2", "~3", the first rightmost; nothing if all of it changed alike. @param {string[]} changes */
export function changeBadges(changes) {
  if (new Set(changes).size < 2) return [];
  const of = (kind) => changes.filter((c) => c === kind).length;
  return ["chg", "rem", "add"].filter(of).map((kind) => makeBadge(`${CHANGE_SIGNS[kind]}${of(kind)}`, kind));
}

/** A short word that hangs from a figure. @param {string} text */
export function makeBadge(text, kind = "info") {
  return { text, kind, w: Math.trunc(textWidth(text, 10, "bold") + 10) };
}

/** The small words of a figure. @param {Figure} figure */
export function detailOf(figure) {
  return [figure.note, figure.type].filter(Boolean).join(GAP);
}

/**
 * Set the figure's size from its text and return the box to place.
 * @param {Figure} figure
 * @returns {import("./layout.js").LayoutBox}
 */
export function figureBox(figure) {
  const detail = detailOf(figure),
    mono = textWidth(detail, 10.5, "mono"),
    leaf = isLeaf(figure.kind);
  const name =
    figure.kind === "constant"
      ? textWidth(figure.label, 11.5, "mono")
      : leaf
        ? textWidth(figure.label, 15, "math")
        : textWidth(figure.label, 12, "bold");
  if (leaf) {
    figure.w = boxWidth((figure.kind === "shared" ? 26 : 22) + name + (detail ? 8 + mono : 0));
  } else if (figure.tall) {
    figure.h = figure.badges.length ? 42 : 40;
    figure.w = boxWidth(26 + Math.max(name, mono) + 12);
  } else {
    figure.w = boxWidth(26 + name + (detail ? 8 + mono : 0) + 9);
  }
  const badges = figure.badges.reduce((sum, b) => sum + b.w + 3, 0),
    label = figure.output ? textWidth(figure.output, 10.5, "mono") : 0;
  figure.w = Math.max(figure.w, boxWidth(badges + 12), figure.aside ? 0 : boxWidth(label));
  const card = figure.kind === "group" ? 4 : 0,
    hang = figure.badges.length ? 10 : card;
  const below = hang + (figure.output && !figure.aside ? 18 : 0),
    right = card + (figure.output && figure.aside ? boxWidth(label + 8) : 0);
  figure.right = right;
  return { id: figure.key, w: figure.w, h: figure.h, below, right };
}

/** The figure in words, for readers of the screen: "gemm, 784×10, 119 µs, in place". @param {Figure} figure */
export function wordsOf(figure) {
  const output = figure.isOutput ? `output ${figure.output}`.trim() : "";
  return [figure.full || figure.label, figure.note, figure.type, ...figure.badges.map((b) => b.text), output, CHANGE_WORDS[figure.change]]
    .filter(Boolean)
    .map((p) => p.replaceAll("\u00a0", " "))
    .join(", ");
}
