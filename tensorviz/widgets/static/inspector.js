// What the side panels say of a node: the same in every screen.
import { h } from "./dom.js";
import { bytes, seconds, typeText } from "./format.js";
import { CHANGE_SIGNS, CHANGE_WORDS } from "./figures.js";
import { mathml } from "./mathml.js";
import { isLeaf } from "./figures.js";

const SIGN_CLASSES = { add: "tv-ok", rem: "tv-bad", chg: "tv-chg" };

/** "cell 3, line 4". */
export function placeText(origin) {
  return `${origin.file}${origin.line ? `${origin.file ? ", " : ""}line ${origin.line}` : ""}`;
}

/** The source line with the part that made the node marked, where the op's name stands in it. */
export function sourceLine(origin, node) {
  const at = node && node.op.length > 1 ? origin.text.search(new RegExp(`\\b[\\w.]*\\b${node.op.replace(/[^\w]/g, "")}\\(`)) : -1;
  let end = at;
  for (let depth = 0; at >= 0 && end < origin.text.length; end++) {
    if (origin.text[end] === "(") depth += 1;
    if (origin.text[end] === ")" && --depth === 0) break;
  }
  if (at < 0) return h("pre", { class: "tv-source" }, origin.text);
  return h(
    "pre",
    { class: "tv-source" },
    origin.text.slice(0, at),
    h("mark", null, origin.text.slice(at, end + 1)),
    origin.text.slice(end + 1),
  );
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
    formula ? h("div", { class: "tv-formula" }, formula) : null,
    h(
      "dl",
      { class: "tv-facts" },
      fact("is", isLeaf(node.kind) ? node.kind : "", false),
      fact("type", typeText(node), true),
      fact("name", isLeaf(node.kind) ? "" : node.name, true),
      fact("value", node.kind === "constant" ? node.value : "", true),
      fact("made by", node.made_by, true),
      fact("gradient of", node.gradient_of, true),
      fact("time, est.", node.seconds ? seconds(node.seconds) : ""),
      fact("bytes", node.bytes ? bytes(node.bytes) : ""),
      fact("group", (node.group || []).join(" › ")),
      fact("from", origin ? placeText(origin) : ""),
    ),
    origin && origin.text ? sourceLine(origin, node) : null,
    node.doc ? h("p", { class: "tv-dim tv-doc" }, node.doc) : null,
  ];
}
