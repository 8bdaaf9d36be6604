// From a diff to a drawing: which nodes are boxes, what they say, where they stand. Mirrors render/drawing.py.
import { changeBadges, figureBox, ghostFigure, groupFigure, isLeaf, makeBadge, nodeFigure } from "./figures.js";
import { fitRegions } from "./fit.js";
import { count, plural, shapeText } from "./format.js";
import { closedRegions, groupNodes } from "./groups.js";
import { layout } from "./layout.js";
import { clipped } from "./names.js";
import { rankBoxes } from "./ranks.js";
import { REMOVED } from "./trace.js";

const FAR = 4, // a leaf read so many ranks below its first reader is repeated beside the reader
  FAR_TALL = 2,
  FAR_RESULT = 6, // a result read so many ranks below it is repeated too
  TURNS = 4; // how often what moved is looked at again
const ROOM = [32, 11, 8]; // boxes, ranks and boxes on a rank that one looks at without zooming
const COMPACT = 18,
  TALL = 40; // space between ranks
export const LIVE_NODES = 500; // nodes that a live view draws without groups

/**
 * @typedef {{source: string, target: string, width: number, change: string, state: boolean, port: number, node: string, points:
 *   number[][], key: string, label?: string}} Link
 * @typedef {{figures: import("./figures.js").Figure[], links: Link[], flow: import("./layout.js").Layout, shown: number,
 *   inside: string[], total: number, grouped: number, groups: number, opened: import("./groups.js").Group[],
 *   fit: import("./fit.js").Fit | null}} Drawing
 * @typedef {{group?: string, limit?: number, room?: number[], opened?: string[], closed?: string[], fit?: import("./fit.js").Fit, matched?: Set<string>, tall?: boolean | null, seed?:
 *   import("./layout.js").Layout | null, final?: boolean, total?: number, more?: Map<string, number>}} DrawOptions
 */

/**
 * Draw a diff (of a state with itself: a plain graph).
 * @param {import("./trace.js").Trace} trace
 * @param {import("./trace.js").Diff} scene
 * @param {DrawOptions} options
 * @returns {Drawing}
 */
export function draw(trace, scene, options = {}) {
  const sketch = new Sketch(trace, scene, options),
    opened = new Set(options.opened || []);
  const fit =
    options.group === "fit" ? options.fit || fitRegions(scene, options.room || ROOM, options.opened, options.closed) : null;
  const groups = groupsOf(trace, scene, options, fit),
    isOpen = (g) => !g.key && g.members.some((m) => opened.has(m));
  sketch.opened = groups.filter(isOpen);
  sketch.fit = fit;
  sketch.addFigures(groups.filter((g) => !isOpen(g)));
  sketch.addLinks();
  sketch.repeatFar();
  sketch.nameOutputs();
  sketch.addBadges();
  return sketch.placed();
}

/** The groups that are drawn as one. @returns {import("./groups.js").Group[]} */
function groupsOf(trace, scene, options, fit) {
  const limit = options.limit || LIVE_NODES;
  if (!fit) return groupNodes(scene, options.group || "auto", limit, trace.kernels);
  const groups = closedRegions(scene, fit);
  if (scene.nodes.size - groups.reduce((n, g) => n + g.members.length - 1, 0) <= limit) return groups;
  return groupNodes(scene, "auto", limit, trace.kernels);
}

/**
 * How much is shown: "Showing 18 of 25 nodes, 7 in a group". Every operation, input, shared value and constant is a node: boxes,
 * what is in groups and the constants that are written inside their readers add up to all there are.
 * @param {Drawing} drawing @param {number} removed how many of them are there only before
 */
export function countText({ shown, total, grouped, groups, inside }, removed = 0) {
  const all = `${plural(total, "node")}${removed ? ` (${count(removed)} removed)` : ""}`,
    where = groups === 1 ? "a group" : `${groups} groups`,
    n = inside.length;
  if (grouped && grouped === total) return `Showing ${all} in ${where}`;
  const parts = [shown + n === total ? `Showing ${total > 1 ? "all " : ""}${all}` : `Showing ${count(shown)} of ${all}`];
  if (grouped) parts.push(`${count(grouped)} in ${where}`);
  if (n) parts.push(`${plural(n, "constant")} inside ${n === 1 ? "its" : "their"} readers`);
  return parts.join(", ");
}

/** The same of two drawings beside each other, shorter. @param {Drawing[]} drawings */
export function countTexts(drawings) {
  const both = (of) => drawings.map((d) => count(of(d))).join(" and "),
    some = (of) => drawings.some((d) => of(d));
  return [
    `Showing ${drawings.map((d) => `${count(d.shown)} of ${count(d.total)}`).join(" and ")} nodes`,
    some((d) => d.grouped) ? `${both((d) => d.grouped)} in groups` : "",
    some((d) => d.inside.length) ? `${both((d) => d.inside.length)} constants inside` : "",
  ]
    .filter(Boolean)
    .join(", ");
}

/** Three names at most: "W1', b1', W2' and 5 more". */
function listed(names) {
  return `${names.slice(0, 3).map((name) => clipped(name)).join(", ")}${names.length > 3 ? ` and ${names.length - 3} more` : ""}`;
}

/** Bytes of a value, unknown lengths as 64. */
function sizeOf(node) {
  const bits = node.dtype.replace(/\D/g, "");
  return node.shape.reduce((n, length) => n * (length ?? 64), 1) * (bits ? Math.floor(Number(bits) / 8) : 1);
}

class Sketch {
  constructor(trace, scene, options) {
    this.trace = trace;
    this.scene = scene;
    this.options = options;
    /** @type {Map<string, import("./figures.js").Figure>} */
    this.figures = new Map();
    this.home = new Map();
    /** @type {Link[]} */
    this.links = [];
    this.reads = new Map();
    for (const e of scene.edges) this.reads.has(e.from) ? this.reads.get(e.from).push(e.to) : this.reads.set(e.from, [e.to]);
    this.outputs = new Set(scene.outputs);
  }

  /** One figure for each node or closed group; scalar constants go inside their readers. */
  addFigures(groups) {
    const part = new Map(groups.flatMap((g, i) => g.members.map((m) => [m, i]))),
      made = new Set();
    this.absorbConstants(groups, part);
    let ops = 0;
    for (const node of this.scene.nodes.values()) ops += node.kind === "op" ? 1 : 0;
    const tall = this.options.tall ?? (!groups.some((g) => g.key) && ops - groups.reduce((n, g) => n + g.members.length - 1, 0) <= 5);
    for (const [id, node] of this.scene.nodes) {
      const at = part.get(id);
      if (at === undefined ? this.writtenInside(id) : made.has(at)) continue;
      const figure = at === undefined ? this.plain(node) : this.closed(groups[at]);
      if (at !== undefined) made.add(at);
      figure.tall = tall && !isLeaf(figure.kind);
      if (figure.tall && figure.kind === "op" && !figure.type) figure.type = shapeText(node.shape);
      figure.change = this.changeOf(figure.members);
      figure.matched = Boolean(this.options.matched && figure.members.some((m) => this.options.matched.has(m)));
      this.figures.set(figure.key, figure);
      for (const member of figure.members) this.home.set(member, figure.key);
    }
  }

  absorbConstants(groups, part) {
    for (const [id, node] of this.scene.nodes) {
      if (!["constant", "shared"].includes(node.kind) || part.has(id)) continue;
      const readers = new Set((this.reads.get(id) || []).map((r) => part.get(r)));
      const [at] = readers;
      if (readers.size !== 1 || at === undefined || (node.kind === "shared" && !groups[at].key)) continue;
      groups[at].members.unshift(id);
      groups[at].text = ""; // more is in it than its operations
      part.set(id, at);
    }
  }

  writtenInside(id) {
    const node = this.scene.nodes.get(id);
    return node.kind === "constant" && !node.shape.length && !this.outputs.has(id) && this.reads.has(id);
  }

  plain(node) {
    const inside = new Map();
    let first = null;
    node.inputs.forEach((id, i) => {
      const other = this.scene.nodes.get(id);
      if (other && this.writtenInside(id)) inside.set(i, other.value || other.name);
      else if (first === null) first = other || null;
    });
    return nodeFigure(node, inside, first);
  }

  closed(group) {
    const inside = new Set(group.members);
    const results = group.members.filter((m) => this.outputs.has(m) || (this.reads.get(m) || []).some((r) => !inside.has(r)));
    const ops = group.members.filter((m) => this.scene.nodes.get(m).kind === "op");
    const figure = groupFigure(
      { ...group, members: ops.length ? ops : group.members, text: group.text || plural(group.members.length, "node") },
      results.map((m) => this.scene.nodes.get(m)),
    );
    figure.members = group.members.slice();
    figure.badges.push(...changeBadges(group.members.map((m) => this.scene.changes.get(m) || "")));
    return figure;
  }

  /** How a figure changed; where only some of a group did, its badges say so. */
  changeOf(members) {
    const found = new Set(members.map((m) => this.scene.changes.get(m) || ""));
    return found.size === 1 ? [...found][0] : "";
  }

  /** One link for each argument; between groups one for each pair. */
  addLinks() {
    const sizes = new Map([...this.scene.nodes].map(([id, node]) => [id, sizeOf(node)]));
    const drawn = this.scene.edges.filter((e) => this.home.has(e.from) && this.home.get(e.from) !== this.home.get(e.to));
    const heavy = drawn.map((e) => sizes.get(e.from)).sort((a, b) => b - a);
    const limit = heavy.length ? heavy[Math.max(0, Math.floor(heavy.length / 5) - 1)] : 0,
      seen = new Map();
    for (const edge of drawn) {
      const link = this.link(edge, sizes.get(edge.from) >= limit),
        key = JSON.stringify([link.source, link.target, link.change]);
      const simple = this.figures.get(link.source).kind !== "group" && this.figures.get(link.target).kind !== "group";
      if (seen.has(key) && !simple) {
        seen.get(key).width = Math.max(seen.get(key).width, link.width);
        continue;
      }
      seen.set(key, link);
      this.links.push(link);
    }
  }

  link(edge, heavy) {
    const node = this.scene.nodes.get(edge.from),
      width = node.shape.length < 2 ? 1 : heavy ? 3 : 2;
    return {
      source: this.home.get(edge.from),
      target: this.home.get(edge.to),
      width,
      change: edge.change,
      state: node.dtype === "state",
      port: edge.port,
      node: edge.from,
      points: [],
      key: "",
    };
  }

  /** What is read far below gets a pale twin beside that reader; a result with one reader moves there, its inputs get twins. */
  repeatFar() {
    for (let turn = 0; turn < TURNS; turn++) {
      const far = this.farLinks(turn);
      if (!far.length) break;
      for (const link of far) {
        const figure = this.figures.get(link.source),
          twin = `${figure.key}@${link.target}`;
        if (!this.figures.has(twin))
          this.figures.set(twin, ghostFigure(figure, this.scene.nodes.get(link.node), link.target));
        link.source = twin;
      }
    }
  }

  farLinks(turn) {
    const number = new Map([...this.figures.keys()].map((key, i) => [key, i])),
      { seed } = this.options,
      wish = seed ? [...this.figures.keys()].map((key) => seed.rank.get(key) ?? null) : null;
    const ends = this.links.map((l) => [number.get(l.source), number.get(l.target), ""]);
    const rank = rankBoxes(number.size, ends, wish),
      nearest = new Map(),
      leaving = new Map(),
      entering = new Map();
    this.links.forEach((link, i) => {
      const [u, v] = ends[i];
      nearest.set(u, Math.min(nearest.get(u) ?? rank[v], rank[v]));
      leaving.set(link.source, (leaving.get(link.source) || 0) + 1);
      entering.has(link.target) ? entering.get(link.target).push(link) : entering.set(link.target, [link]);
    });
    const limit = [...this.figures.values()].some((f) => f.tall) ? FAR_TALL : FAR,
      far = new Set(),
      work = [],
      moved = new Set();
    this.links.forEach((link, i) => {
      const figure = this.figures.get(link.source),
        [u, v] = ends[i];
      const away = isLeaf(figure.kind) ? turn === 0 && rank[v] - nearest.get(u) >= limit : rank[v] - rank[u] >= FAR_RESULT;
      if (seed && seed.rank.has(`${figure.key}@${link.target}`)) far.add(link);
      else if (away && !figure.pale) work.push(link);
    });
    while (work.length) {
      const link = work.pop();
      if (this.figures.get(link.source).kind !== "op" || leaving.get(link.source) !== 1) far.add(link);
      else if (!moved.has(link.source)) {
        moved.add(link.source);
        work.push(...(entering.get(link.source) || []).filter((k) => !this.figures.get(k.source).pale));
      }
    }
    return this.links.filter((link) => far.has(link));
  }

  /** Darker outline and names; aside where edges leave below. */
  nameOutputs() {
    const names = new Map();
    this.scene.outputs.forEach((output, i) => {
      if (!this.home.has(output)) return;
      const name = this.scene.changes.get(output) === REMOVED ? "" : this.trace.output_names[i] || "",
        key = this.home.get(output);
      names.set(key, [...(names.get(key) || []), name]);
    });
    const read = new Set(this.links.map((l) => l.source));
    for (const [key, given] of names) {
      const figure = this.figures.get(key);
      figure.isOutput = true;
      figure.output = listed(given.filter(Boolean));
      figure.aside = read.has(key);
    }
  }

  /** What hangs below a figure: readers that are not drawn; of the final program at most two facts, the most telling first. */
  addBadges() {
    for (const [id, n] of this.options.more || [])
      this.figures.get(this.home.get(id))?.badges.push(makeBadge(`${n} more reader${n === 1 ? "" : "s"}`));
    if (!this.options.final) return;
    const place = new Set(this.trace.buffers.filter((b) => b.in_place).map((b) => b.node)),
      views = new Set(this.trace.buffers.filter((b) => b.role === "view").map((b) => b.node));
    const slow = new Set(this.trace.kernels.filter((k) => k.kind === "python").flatMap((k) => k.nodes));
    for (const figure of this.figures.values()) {
      if (isLeaf(figure.kind)) continue;
      for (const [found, word] of /** @type {[Set<string>, string][]} */ ([
        [place, "in place"],
        [views, "view"],
        [slow, "numpy"],
      ])) {
        if (figure.members.some((m) => found.has(m))) figure.badges.push(makeBadge(word));
      }
      const most = figure.badges.some((b) => ["add", "rem", "chg"].includes(b.kind)) ? 3 : 2;
      figure.badges.length = Math.min(figure.badges.length, most);
    }
  }

  /** @returns {Drawing} */
  placed() {
    const figures = [...this.figures.values()],
      boxes = figures.map(figureBox),
      tall = figures.some((f) => f.tall),
      repeats = new Map();
    const ends = /** @type {[string, string, string][]} */ (this.links.map((l) => [l.source, l.target, l.change]));
    const flow = layout(boxes, ends, tall ? TALL : COMPACT, this.options.seed || null);
    for (const figure of figures) Object.assign(figure, { x: flow.x.get(figure.key), y: flow.y.get(figure.key) });
    this.links.forEach((link, i) => {
      link.points = flow.routes[i];
      const key = `${link.source}>${link.target}|${link.change}`,
        n = repeats.get(key) || 0;
      repeats.set(key, n + 1);
      link.key = `${key}|${n}`;
    });
    const closed = figures.filter((f) => f.kind === "group"),
      grouped = closed.reduce((n, f) => n + f.members.length, 0);
    const whole = this.options.total ?? this.scene.nodes.size;
    return {
      figures,
      links: this.links,
      flow,
      shown: figures.filter((f) => f.kind !== "group" && !f.repeats).length,
      inside: [...this.scene.nodes.keys()].filter((id) => !this.home.has(id)),
      total: whole,
      grouped,
      groups: closed.length,
      opened: this.opened,
      fit: this.fit,
    };
  }
}

/** What the graph view draws of a drawing. @param {Drawing} drawing */
export function picture(drawing) {
  return {
    boxes: drawing.figures,
    edges: drawing.links,
    frame: drawing.flow.frame,
    notes: drawing.notes || [],
    about: drawing.about || null,
    heart: drawing.heart || null,
    focus: drawing.figures.filter((f) => f.change && !f.pale).map((f) => f.id),
  };
}
