// One figure and one edge of a drawing as SVG, as the static pictures (render/svg.py) draw them.
import { s } from "./dom.js";
import { CHANGE_SIGNS, detailOf, isLeaf } from "./figures.js";
import { familyColour, ICONS } from "./icons.js";

const ARROW = 5;

/**
 * Path data of an edge: straight where x stays, else a cubic with vertical tangents; it ends where the arrow starts.
 * @param {number[][]} points
 */
export function edgePath(points) {
  const last = points.length - 1;
  let d = `M${points[0][0]} ${points[0][1]}`;
  for (let i = 1; i <= last; i++) {
    const [x0, y0] = points[i - 1],
      x1 = points[i][0],
      y1 = points[i][1] - (i === last ? ARROW : 0),
      bow = Math.max(6, Math.abs(y1 - y0) / 2);
    d += x0 === x1 ? `L${x1} ${y1}` : `C${x0} ${y0 + bow} ${x1} ${y1 - bow} ${x1} ${y1}`;
  }
  return d;
}

/** Path data of the arrow head at the end of an edge. @param {number[][]} points */
export function arrowPath(points) {
  const [x, y] = points[points.length - 1];
  return `M${x - 3.4} ${y - 6}h6.8l-3.4 6z`;
}

/** Class names of an edge. @param {import("./drawing.js").Link} link */
export function edgeClass(link) {
  const classes = [link.change || (link.state ? "state" : ""), link.match ? "match" : "", link.pale ? "ctx" : ""];
  return classes.filter(Boolean).join(" ");
}

function tile(figure) {
  const icon = ICONS[figure.family] || {};
  return [
    s("path", { class: "tv-tile", d: `M.5 6a5.5 5.5 0 0 1 5.5-5.5H20V${figure.h - 0.5}H6A5.5 5.5 0 0 1 .5 ${figure.h - 6}Z` }),
    s(
      "g",
      { class: "tv-ico", transform: `translate(4.5,${figure.h / 2 - 6})` },
      icon.d ? s("path", { d: icon.d }) : null,
      (icon.dots || []).map(([cx, cy, r]) => s("circle", { class: "tv-dot", cx, cy, r })),
    ),
  ];
}

function texts(figure) {
  const { w, h, tall } = figure,
    detail = detailOf(figure),
    middle = h / 2;
  if (isLeaf(figure.kind)) {
    const edge = figure.kind === "shared" ? 13 : 11,
      low = figure.kind === "constant" ? 3.9 : 4.5;
    return [
      s(
        "text",
        { class: "tv-lab", x: detail ? edge : w / 2, y: middle + low, "text-anchor": detail ? null : "middle" },
        figure.label,
      ),
      detail ? s("text", { class: "tv-typ", x: w - edge, y: middle + 3.8, "text-anchor": "end" }, detail) : null,
    ];
  }
  return [
    s("text", { class: "tv-lab", x: 26, y: tall ? 16.5 : middle + 4.2 }, figure.label),
    detail
      ? s(
          "text",
          tall ? { class: "tv-typ", x: 26, y: 31 } : { class: "tv-typ", x: w - 9, y: middle + 3.8, "text-anchor": "end" },
          detail,
        )
      : null,
  ];
}

function outputName(figure) {
  const { w, h } = figure;
  if (!figure.output) return null;
  if (figure.aside)
    return s("text", { class: "tv-note", x: w + (figure.kind === "group" ? 12 : 8), y: h / 2 + 3.8 }, figure.output);
  return s(
    "text",
    {
      class: "tv-note",
      x: w / 2,
      y: h + (figure.badges.length ? 24 : figure.kind === "group" ? 19 : 15),
      "text-anchor": "middle",
    },
    figure.output,
  );
}

function badges(figure) {
  const out = [],
    sign = CHANGE_SIGNS[figure.change];
  if (sign)
    out.push(
      s(
        "g",
        { class: `tv-bdg ${figure.change}`, transform: `translate(${figure.w - 6},-7)` },
        s("rect", { width: 15, height: 15, rx: 7.5 }),
        s("text", { x: 7.5, y: 11.8 }, sign),
      ),
    );
  let x = figure.w - 4;
  for (const badge of figure.badges) {
    x -= badge.w;
    out.push(
      s(
        "g",
        { class: `tv-bdg ${CHANGE_SIGNS[badge.kind] ? "part " : ""}${badge.kind}`, transform: `translate(${x},${figure.h - (figure.tall ? 5 : 3)})` },
        s("rect", { width: badge.w, height: 14, rx: 7 }),
        s("text", { x: badge.w / 2, y: 10.4 }, badge.text),
      ),
    );
    x -= 3;
  }
  return out;
}

/** The children of a figure's group. @param {import("./figures.js").Figure} figure */
export function figureParts(figure) {
  const { w, h } = figure,
    r = isLeaf(figure.kind) ? h / 2 : 6;
  return [
    figure.kind === "group" ? s("rect", { class: "tv-card", x: 4, y: 4, width: w, height: h, rx: r }) : null,
    s("rect", { class: "tv-ring", x: -3.5, y: -3.5, width: w + 7, height: h + 7, rx: r + 3.5 }),
    s("rect", { class: "tv-box", width: w, height: h, rx: r }),
    figure.kind === "shared" ? s("rect", { class: "tv-box2", x: 3, y: 3, width: w - 6, height: h - 6, rx: r - 3 }) : null,
    isLeaf(figure.kind) ? null : tile(figure),
    texts(figure),
    outputName(figure),
    badges(figure),
  ]
    .flat()
    .filter(Boolean);
}

/** What decides how a figure looks, apart from where it is and its colours. @param {import("./figures.js").Figure} figure */
export function figureLook(figure) {
  const { w, h, kind, family, label, note, type, badges: hanging, change, output, isOutput, aside, tall } = figure;
  return JSON.stringify([w, h, kind, family, label, note, type, hanging, change, output, isOutput, aside, tall]);
}

/** Class names of a figure's group. @param {import("./figures.js").Figure} figure */
export function figureClass(figure) {
  const outline = figure.change || (figure.matched ? "match" : figure.isOutput ? "out" : "");
  return `tv-node ${figure.kind} ${outline} ${figure.pale ? "ctx" : ""} ${figure.heat === null ? "" : "heat"}`;
}

/** The style of a figure's group: family colour, heat, place. @param {import("./figures.js").Figure} figure */
export function figureStyle(figure) {
  const heat = figure.heat === null ? "" : `;--hc:var(--tv-h${figure.heat});--hi:var(--tv-i${figure.heat})`;
  const [left, top] = [figure.x - figure.w / 2, figure.y - figure.h / 2];
  return `--f:${familyColour(figure.family)};transform:translate(${left}px,${top}px)${heat}`;
}
