// The pass explorer: what every pass did to the graph, as a diff on one map.
import { button, h, refill, segment } from "./dom.js";
import { countText, draw, picture } from "./drawing.js";
import { CHANGE_WORDS, isLeaf } from "./figures.js";
import { count, plural, typeText } from "./format.js";
import { openAround } from "./fit.js";
import { GraphView, linkCamera } from "./graph.js";
import { nodeFacts } from "./inspector.js";
import { passName, passPanel } from "./passpanel.js";
import { searchText, matcher } from "./search.js";
import { PassStrip } from "./strip.js";
import { ADDED, REMOVED, sideScene, unionDiff } from "./trace.js";

const MODES = [
  ["union", "Union diff"],
  ["side", "Side by side"],
  ["before", "Before"],
  ["after", "After"],
];
const RANK = 48; // pixels a rank takes, with the space below it
const COLUMN_WIDTH = 130; // and a box on it
const BOX = 17000; // square pixels a box takes, with the space around it
const WIDE = 900; // a narrower pane has room for fewer still: ranks differ in width
const NEW_FROM = 0.75; // a picture of which less stood there before is laid out anew
const TIDY_FROM = 1.5; // a seeded layout so much larger than a fresh one, or with edges so much longer, is laid out anew
const ALL_LIMIT = 6000; // nodes up to which all can be shown without groups
const TIDY_LIMIT = 800; // nodes up to which the fresh one is tried

class PassExplorerView {
  /** @param {import("./shell.js").Shell} shell @param {import("./session.js").Session} session */
  constructor(shell, session) {
    this.shell = shell;
    this.session = session;
    this.trace = session.trace;
    this.drawings = new Map();
    this.held = false;
    this.strip = new PassStrip(this.trace, { choose: (index) => this.goTo(index), compare: (index) => this.compare(index) });
    const options = { onselect: (id) => session.select(id), onopen: () => this.stepInside(), label: "Graph of the pass" };
    this.left = new GraphView({ ...options, onmove: (camera) => this.mode === "side" && linkCamera(this.right, camera) });
    this.right = new GraphView({ ...options, onmove: (camera) => this.mode === "side" && linkCamera(this.left, camera) });
    this.captions = [h("div", { class: "tv-panecap" }), h("div", { class: "tv-panecap" })];
    this.left.element.append(this.captions[0]);
    this.right.element.append(this.captions[1]);
    this.centre = h("div", { class: "tv-centre" }, this.left.element);
    this.side = h("div", { class: "tv-side", role: "region", "aria-label": "Inspector" });
    refill(shell.body, this.strip.element, h("div", { class: "tv-main" }, this.centre, this.side));
    session.on(["pass_index", "view"], () => this.update());
    session.on(["selected"], () => this.selected());
    this.controls();
    this.update(false);
  }

  /** What the shell asks of a view. */
  get hooks() {
    return {
      fit: () => {
        this.left.fit();
        if (this.mode === "side") this.right.fit();
      },
      clear: () => this.clear(),
      find: (query) => this.find(query),
      list: () => this.list(),
      theme: () => {
        this.left.overview.changed();
        this.left.sync();
      },
      dispose: () => {
        this.strip.dispose();
        this.left.dispose();
        this.right.dispose();
      },
      keys: {
        "[": () => this.walk(-1),
        "]": () => this.walk(1),
        b: () => this.hold(true),
        g: () => this.toggleGroup(),
        G: () => this.closeGroup(),
        Enter: () => this.stepInside(),
      },
      keyup: { b: () => this.hold(false) },
      help: [
        [["[", "]"], "the pass before, the pass after"],
        [["b"], "hold: the graph before the pass"],
        [["⇧ click"], "on a pass: compare with it"],
        [["g"], "open the group that is selected; close the one around a selected node"],
        [["⇧ g"], "close the innermost open group"],
        [["↵"], "step through the rewrites of the pass"],
      ],
    };
  }

  get view() {
    return this.session.get("view") || {};
  }
  get mode() {
    return MODES.some(([m]) => m === this.view.mode) ? this.view.mode : "union";
  }
  get index() {
    return Math.max(-1, Math.min(this.session.get("pass_index"), this.trace.passes.length - 1));
  }
  /** The pass after which the left side is taken. */
  get base() {
    return Number.isInteger(this.view.base)
      ? Math.max(-1, Math.min(this.view.base, this.trace.passes.length - 1))
      : this.index - 1;
  }
  get compared() {
    return Number.isInteger(this.view.base) && this.view.base !== this.index - 1;
  }

  clear() {
    this.cleared = String(this.current.steps);
    this.session.select(null);
    this.selected();
  }

  goTo(index) {
    this.session.set({ pass_index: index, view: { ...this.view, base: null } });
  }

  compare(index) {
    this.session.setView({ base: index === this.index || index === this.index - 1 ? null : index });
  }

  /** The next pass in this direction that changed something. */
  walk(by) {
    let next = this.index + by;
    while (next > -1 && next < this.trace.passes.length && this.trace.passes[next].last === this.trace.passes[next].first)
      next += by;
    if (next >= -1 && next < this.trace.passes.length) this.goTo(next);
  }

  hold(on) {
    if (this.held === on || this.mode === "side" || this.index < 0) return;
    this.held = on;
    this.drawGraph(true);
  }

  stepInside() {
    const pass = this.trace.passes[this.index];
    if (!pass || pass.first === pass.last) return;
    this.session.set({ step: pass.first + 1, screen: "rewrites" });
  }

  /** Open the group that is selected; close the one around a selected node. */
  toggleGroup() {
    const id = this.shownId,
      { drawing } = this.current,
      { opened = [], closed = [] } = this.view;
    if (!id) return;
    const card = drawing.figures.find((f) => f.kind === "group" && f.members.includes(id)),
      key = card && drawing.fit ? card.key.replace(/#\d+$/, "") : id,
      open = (drawing.fit && openAround(drawing.fit, id)) || "";
    if (card) return this.session.setView({ opened: [...without(opened, key), key], closed: without(closed, key) });
    if (open) return this.closeGroup();
    const around = drawing.opened.find((g) => g.members.includes(id));
    if (around) this.session.setView({ opened: without(opened, ...around.members) });
  }

  /** Close the innermost open group around the selected node or card. */
  closeGroup() {
    const { fit } = this.current.drawing,
      { opened = [], closed = [] } = this.view,
      open = (fit && this.shownId && openAround(fit, this.shownId)) || "";
    if (open) this.session.setView({ opened: without(opened, open), closed: [...without(closed, open), open] });
  }

  /** Boxes, ranks and boxes on a rank that fit into the pane at full size. */
  get room() {
    const { width, height } = this.left;
    const boxes = (width * height * Math.min(1, width / WIDE)) / BOX;
    return [Math.max(14, Math.round(boxes)), Math.max(6, Math.floor((height - 40) / RANK) - 1), Math.floor(width / COLUMN_WIDTH)];
  }

  /** The selected node; without one, what the pass is about, until one clears it. */
  get shownId() {
    const [id] = this.session.selected;
    return id || (this.cleared === String(this.current.steps) ? null : this.current.telling);
  }

  /** What stays open and closed: all that is, while one looks at the same pass. */
  groupsAt(steps) {
    const { opened = [], closed = [] } = this.view,
      fit = this.current?.drawing.fit;
    if (!fit || String(steps) !== String(this.current.steps)) return { opened, closed, room: this.size };
    return { opened: [...without([...fit.opened], ...opened, ...closed), ...opened], closed, room: [0, 0, 0] };
  }

  /** The diff of the two states and its drawing, seeded by what is shown, so that nothing jumps. */
  scene(base, index) {
    this.size ||= this.room;
    const { group, opened, closed } = this.view,
      steps = [this.trace.stepAfter(base), this.trace.stepAfter(index)],
      wish = JSON.stringify([steps, group, opened, closed]);
    if (this.current?.wish === wish) return this.current;
    const options = { ...this.groupsAt(steps), group: group === "none" ? "none" : "fit" };
    const key = JSON.stringify([steps, options]),
      known = this.drawings.get(key);
    if (known) return Object.assign(known, { wish });
    const diff = unionDiff(this.trace.stateAt(steps[0]), this.trace.stateAt(steps[1])),
      seed = this.current ? this.current.drawing.flow : null;
    let drawing = draw(this.trace, diff, { ...options, seed });
    if (seed && drawing.figures.length <= TIDY_LIMIT) {
      const fresh = draw(this.trace, diff, options);
      if (untidy(drawing, fresh, seed)) drawing = fresh;
    }
    const scene = { wish, steps, diff, drawing, options, telling: tellingNode(this.trace, steps, diff, drawing) };
    this.drawings.set(key, scene);
    return scene;
  }

  /** The drawing of one side, on the map of both. */
  sideOf(side, before, after) {
    const { diff, drawing } = this.current;
    if (side === "union") return drawing;
    if (this.current[side]) return this.current[side];
    const scene = side === "before" ? sideScene(diff, before, [REMOVED]) : sideScene(diff, after, [ADDED]);
    const made = draw(this.trace, scene, {
      ...this.current.options,
      fit: drawing.fit,
      seed: drawing.flow,
      total: scene.nodes.size,
      tall: drawing.figures.some((f) => f.tall),
    });
    this.current[side] = { ...made, flow: { ...made.flow, frame: drawing.flow.frame } };
    return this.current[side];
  }

  controls() {
    const choose = (mode) => this.session.setView({ mode });
    this.shell.setControls(segment(MODES, this.mode, choose, "View"));
    this.shownMode = this.mode;
  }

  update(animate = true) {
    this.held = false;
    if (this.shownMode !== this.mode) this.controls();
    this.strip.show(this.index, this.compared ? this.base : null);
    this.drawGraph(animate);
    this.inspect();
    this.shell.setFoot(this.countNotes(), [
      [["[", "]"], "pass"],
      [["b"], "hold for before"],
      ...(this.current.drawing.groups ? [[["g"], "open group"]] : []),
      [["?"], "help"],
    ]);
    const { counts } = this.current.diff;
    this.shell.say(
      `${passName(this.trace, this.index)}: ${Object.keys(counts)
        .map((k) => `${counts[k]} ${CHANGE_WORDS[k]}`)
        .join(", ")}`,
    );
  }

  /** How much is shown; of large graphs all of it on request. */
  countNotes() {
    const { drawing, diff } = this.current,
      removed = diff.counts[REMOVED],
      all = this.view.group === "none";
    const words = `${countText(drawing)}${removed && !drawing.groups ? `, ${count(removed)} of them removed` : ""}`;
    const toggle =
      (drawing.groups || all) && drawing.total <= ALL_LIMIT
        ? button(all ? "Group them" : "Show all", () => this.session.setView({ group: all ? "auto" : "none" }), { kind: "link" })
        : null;
    return [[words, toggle]];
  }

  drawGraph(animate) {
    const start = this.index < 0 && !this.compared;
    this.current = start ? this.scene(-1, -1) : this.scene(this.base, this.index);
    const { drawing } = this.current,
      side = this.mode === "side" && !start;
    if (side !== (this.right.element.parentNode === this.centre))
      refill(this.centre, this.left.element, side ? this.right.element : null);
    this.side.hidden = side;
    const [before, after] = [
      this.trace.stateAt(this.trace.stepAfter(this.base)),
      this.trace.stateAt(this.trace.stepAfter(this.index)),
    ];
    const caption = (word, index, state) => `${word}: ${passName(this.trace, index)}, ${plural(state.nodes.size, "node")}`;
    this.captions[0].hidden = !(side || this.held || this.mode === "before" || this.mode === "after");
    this.captions[0].textContent =
      side || this.held || this.mode === "before" ? caption("Before", this.base, before) : caption("After", this.index, after);
    this.captions[1].textContent = caption("After", this.index, after);
    const first = side || this.held ? "before" : this.mode === "side" ? "union" : this.mode;
    this.left.show(picture(this.sideOf(first, before, after)), { animate, keep: this.held || this.wasHeld });
    if (side) this.right.show(picture(this.sideOf("after", before, after)), { animate, keep: true });
    this.wasHeld = this.held;
    this.ring();
  }

  ring() {
    const id = this.shownId;
    for (const graph of [this.left, this.right]) graph.select(id ? [id] : []);
  }

  selected() {
    this.ring();
    this.inspect();
    const [id] = this.session.selected;
    if (id) this.left.reveal(id);
  }

  inspect() {
    const id = this.shownId,
      { diff } = this.current,
      node = id ? diff.nodes.get(id) : null;
    refill(
      this.side,
      passPanel(this.trace, this.passState(id), {
        compare: (base) => this.compare(base),
        goTo: (index) => this.goTo(index),
        stepInside: () => this.stepInside(),
        select: (made) => this.session.select(made),
      }),
      node
        ? [h("h4", null, "Selected node"), nodeFacts(this.trace, node, diff.changes.get(id) || "")]
        : id && this.trace.knows(id)
          ? [h("h4", null, "Selected node"), h("p", { class: "tv-dim" }, "It is not in the graph at this pass.")]
          : null,
    );
  }

  passState(id) {
    const { diff } = this.current,
      node = id && diff.changes.has(id) ? diff.nodes.get(id) : null;
    return { index: this.index, base: this.base, compared: this.compared, counts: diff.counts, madeBy: node?.made_by || "" };
  }

  /** Nodes that match, those first whose own name does. */
  find(query) {
    const test = matcher(query),
      nameOf = (node) => (isLeaf(node.kind) ? node.name || node.value || node.id : node.op);
    const found = [...this.current.diff.nodes.values()].filter((node) => test(searchText(this.trace, node)));
    const named = found.filter((node) => test(nameOf(node))),
      others = found.filter((node) => !test(nameOf(node)));
    return [...named, ...others].map((node) => ({
      id: node.id,
      label: nameOf(node),
      detail: [typeText(node), node.made_by].filter(Boolean).join("  "),
      go: () => this.show(node.id),
    }));
  }

  /** Select a node and bring it into view. */
  show(id) {
    this.session.select(id);
    const home = this.current.drawing.figures.find((f) => f.members.includes(id));
    if (home) this.left.reveal(home.id);
  }

  list() {
    const { figures } = this.current.drawing;
    return figures
      .filter((f) => !f.pale)
      .map((f) => ({
        id: f.id,
        label: [f.label, f.note, f.type, CHANGE_WORDS[f.change]].filter(Boolean).join(", "),
        go: () => this.show(f.id),
      }));
  }
}

const without = (list, ...keys) => list.filter((k) => !keys.includes(k));
const areaOf = (frame) => (frame[2] - frame[0]) * (frame[3] - frame[1]);

/** How long all edges are together. */
function wayOf(routes) {
  let way = 0;
  for (const route of routes)
    for (let i = 1; i < route.length; i++) way += Math.hypot(route[i][0] - route[i - 1][0], route[i][1] - route[i - 1][1]);
  return way;
}

/** Whether a fresh layout is to be preferred to a seeded one: much of it is new, or it has grown out of shape. */
function untidy(drawing, fresh, seed) {
  const kept = drawing.figures.filter((f) => seed.rank.has(f.key)).length,
    [old, clean] = [drawing.flow, fresh.flow];
  const larger = areaOf(old.frame) > TIDY_FROM * areaOf(clean.frame),
    longer = wayOf(old.routes) > TIDY_FROM * wayOf(clean.routes);
  return kept < NEW_FROM * drawing.figures.length || larger || longer;
}

/** What a pass is about: of what its rewrites made and the picture shows, the result that saves most time; else what changed. */
function tellingNode(trace, steps, diff, drawing) {
  const shown = new Map(drawing.figures.filter((f) => !f.pale && f.kind === "op" && f.change).map((f) => [f.id, f.change]));
  const saved = (e) => (e.cost_before[0] || 0) - (e.cost_after[0] || 0);
  const made = trace.events.slice(...steps).filter((e) => shown.get(e.result) === ADDED);
  made.sort((a, b) => saved(b) - saved(a));
  return made.length ? made[0].result : shown.keys().next().value || null;
}

/** @type {import("./shell.js").Screen} */
export const passes = {
  title: "Passes",
  find: "Find a node",
  make: (shell, session) => new PassExplorerView(shell, session).hooks,
};
