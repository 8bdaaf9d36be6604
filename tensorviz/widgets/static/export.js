// The graph to take along: as SVG or PNG with all colours written out, as DOT, as JSON. To the clipboard; where that is closed,
// as a file.
import { button, h, remove, s } from "./dom.js";
import { detailOf, isLeaf } from "./figures.js";
import { arrowPath, edgeClass, edgePath, figureClass, figureParts, figureStyle } from "./shapes.js";

/** What is written out of the style of an element, and what need not be. */
const SAID = {
  fill: "",
  stroke: "none",
  "stroke-width": "",
  "stroke-dasharray": "none",
  "stroke-linecap": "butt",
  "stroke-linejoin": "miter",
  opacity: "1",
  "paint-order": "normal",
  "font-family": "",
  "font-size": "",
  "font-style": "normal",
  "font-weight": "",
  "text-anchor": "start",
  "text-decoration-line": "none",
};
const MARGIN = 20;
const BETWEEN = 40; // of two graphs
const PNG_SCALE = 2;
const DONE_MS = 1600;

/** One graph as a group of SVG elements, all of it whether it is in view or not. @param {import("./graph.js").Picture} drawing */
function wholeGraph({ boxes, edges }) {
  const paths = edges.flatMap((e) => [
    s("path", { class: `tv-e w${e.width} ${edgeClass(e)}`, d: edgePath(e.points) }),
    s("path", { class: `tv-ah ${edgeClass(e)}`, d: arrowPath(e.points) }),
  ]);
  const figures = boxes.map((b) => {
    const place = `translate(${b.x - b.w / 2},${b.y - b.h / 2})`;
    const style = figureStyle(b).replace(/transform:[^;]*;?/, "");
    return s("g", { class: figureClass(b), style, transform: place }, figureParts(b));
  });
  return s("g", null, paths, figures);
}

/** A CSS colour in the form that every viewer of SVG knows. */
function plainColour(text, known) {
  if (!/^(oklab|oklch|color)\(/.test(text)) return text;
  if (known.has(text)) return known.get(text);
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const pen = canvas.getContext("2d");
  pen.fillStyle = text;
  pen.fillRect(0, 0, 1, 1);
  const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
  known.set(text, a === 255 ? `rgb(${r},${g},${b})` : `rgba(${r},${g},${b},${(a / 255).toFixed(3)})`);
  return known.get(text);
}

/** Write what style sheets say onto the elements themselves, and leave out what is not seen. @param {Element} root */
function writeStyles(root) {
  const known = new Map();
  for (const element of [...root.querySelectorAll("*")]) {
    const style = getComputedStyle(element);
    if (element.getAttribute("class") === "tv-ring" && style.opacity === "0") {
      element.remove();
      continue;
    }
    const isText = element.tagName === "text";
    for (const [name, plain] of Object.entries(SAID)) {
      if (!isText && /^(font|text)/.test(name)) continue;
      if (element.tagName === "g" && name !== "opacity") continue;
      const value = plainColour(style.getPropertyValue(name), known);
      if (value && value !== plain) element.setAttribute(name === "text-decoration-line" ? "text-decoration" : name, value);
    }
  }
  for (const element of root.querySelectorAll("*")) for (const name of ["class", "style"]) element.removeAttribute(name);
}

/**
 * Standalone SVG text of graphs beside each other, in the colours that the screen has.
 * @param {import("./graph.js").GraphView[]} graphs
 */
export function svgText(graphs) {
  const root = graphs[0].element.closest(".tv");
  let x = 0,
    height = 0;
  const groups = graphs.map(({ drawing }) => {
    const [left, top, right, bottom] = drawing.frame,
      group = wholeGraph(drawing);
    group.setAttribute("transform", `translate(${x + MARGIN - left},${MARGIN - top})`);
    x += right - left + BETWEEN;
    height = Math.max(height, bottom - top);
    return group;
  });
  const [w, tall] = [Math.ceil(x - BETWEEN + 2 * MARGIN), Math.ceil(height + 2 * MARGIN + 10)];
  const svg = s("svg", { width: w, height: tall, viewBox: `0 0 ${w} ${tall}`, class: "tv-copy" }, groups);
  root.append(svg);
  try {
    writeStyles(svg);
    const back = plainColour(getComputedStyle(root).backgroundColor, new Map());
    svg.prepend(s("rect", { width: w, height: tall, fill: back }));
  } finally {
    svg.remove();
  }
  svg.removeAttribute("class");
  return new XMLSerializer().serializeToString(svg);
}

/** @param {string} svg @returns {Promise<Blob>} */
function pngOf(svg) {
  return new Promise((done, failed) => {
    const image = new Image();
    image.onerror = () => failed(new Error("the picture can't be drawn"));
    image.onload = () => {
      const canvas = document.createElement("canvas");
      canvas.width = image.width * PNG_SCALE;
      canvas.height = image.height * PNG_SCALE;
      const pen = canvas.getContext("2d");
      pen.scale(PNG_SCALE, PNG_SCALE);
      pen.drawImage(image, 0, 0);
      canvas.toBlob((blob) => (blob ? done(blob) : failed(new Error("the picture is too large"))), "image/png");
    };
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  });
}

const COPIED = ["key", "id", "kind", "label", "change", "output", "members", "repeats", "x", "y", "w", "h"];
const quoted = (text) => `"${text.replace(/\\/g, "\\\\").replace(/"/g, '\\"')}"`;
const CHANGED = { add: ", color=darkgreen", rem: ", color=firebrick, style=dashed", chg: ", color=purple" };

/** Graphviz text of a drawing. @param {string} name @param {import("./graph.js").Picture} drawing */
export function dotText(name, { boxes, edges }) {
  // what is repeated beside a reader far below is the same node here
  const first = new Map(boxes.map((b) => [b.key, b.repeats || b.key]));
  const node = (b) => {
    const words = [b.label, detailOf(b).replaceAll("\u00a0", " "), b.badges.map((badge) => badge.text).join(" "), b.output]
      .filter(Boolean)
      .map((t) => quoted(t).slice(1, -1));
    const look = `shape=${isLeaf(b.kind) ? "ellipse" : "box"}${CHANGED[b.change] || ""}`;
    return `  ${quoted(b.key)} [label="${words.join("\\n")}", ${look}];`;
  };
  const lookOf = (e) => (CHANGED[e.change] ? ` [${CHANGED[e.change].slice(2)}]` : "");
  const edge = (e) => `  ${quoted(first.get(e.source))} -> ${quoted(e.target)}${lookOf(e)};`;
  const nodes = boxes.filter((b) => !b.repeats).map(node);
  return [`digraph ${quoted(name)} {`, ...nodes, ...edges.map(edge), "}", ""].join("\n");
}

/**
 * What is drawn, as data: boxes with what is in them, and edges.
 * @param {string} name @param {import("./graph.js").Picture[]} drawings
 */
export function jsonText(name, drawings) {
  const graph = ({ boxes, edges }) => ({
    nodes: boxes.map((b) => ({
      ...Object.fromEntries(COPIED.map((field) => [field, b[field]])),
      detail: detailOf(b).replaceAll("\u00a0", " "),
    })),
    edges: edges.map((e) => ({ source: e.source, target: e.target, argument: e.port, change: e.change })),
  });
  return `${JSON.stringify({ function: name, graphs: drawings.map(graph) }, null, 1)}\n`;
}

/** Put text or a picture on the clipboard; without leave to do so, offer a file. @returns {Promise<string>} what was done */
async function handOver(data, type, file) {
  const blob = data instanceof Blob ? data : new Blob([data], { type: "text/plain" });
  try {
    if (typeof data === "string") await navigator.clipboard.writeText(data);
    else await navigator.clipboard.write([new ClipboardItem({ [type]: blob })]);
    return "copied";
  } catch {
    const url = URL.createObjectURL(blob);
    h("a", { href: url, download: file }).click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
    return "saved as a file";
  }
}

/** The button in the foot and what it opens. */
export class ExportMenu {
  /** @param {import("./shell.js").Shell} shell */
  constructor(shell) {
    this.shell = shell;
    this.button = button("Copy as …", () => this.toggle(), { keys: "x", kind: "link", name: "copy" });
  }

  toggle() {
    const open = this.shell.root.querySelector(".tv-copies");
    if (open) return remove(open);
    if (!this.shell.view.graphs?.().length) return;
    const make = (form) => button(form, () => this.copy(form), { kind: "quiet" });
    const forms = ["SVG", "PNG", "DOT", "JSON"].map(make),
      menu = h("div", { class: "tv-float tv-copies", role: "group", "aria-label": "Copy as" }, forms);
    this.shell.root.append(menu);
    menu.querySelector("button").focus({ preventScroll: true });
  }

  /** @param {string} form */
  async copy(form) {
    const graphs = this.shell.view.graphs(),
      { name } = this.shell.session.trace,
      drawings = graphs.map((g) => g.drawing);
    let words;
    try {
      const made = {
        SVG: () => [svgText(graphs), "image/svg+xml"],
        PNG: async () => [await pngOf(svgText(graphs)), "image/png"],
        DOT: () => [drawings.map((d) => dotText(name, d)).join("\n"), "text/vnd.graphviz"],
        JSON: () => [jsonText(name, drawings), "application/json"],
      };
      const [data, type] = await made[form]();
      words = `${form} ${await handOver(data, type, `${name.replace(/[^\w-]+/g, "_") || "graph"}.${form.toLowerCase()}`)}`;
    } catch (error) {
      words = `${form}: ${error.message}`;
    }
    const open = this.shell.root.querySelector(".tv-copies");
    if (open) remove(open);
    this.shell.say(words);
    this.button.firstChild.textContent = words;
    setTimeout(() => (this.button.firstChild.textContent = "Copy as …"), DONE_MS);
  }
}
