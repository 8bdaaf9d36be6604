// The pass explorer: what every pass did to the graph, as a diff on one map.
import { button, h, kbd, refill, segment } from "./dom.js";
import { countText, draw, picture } from "./drawing.js";
import { CHANGE_SIGNS, CHANGE_WORDS, isLeaf } from "./figures.js";
import { count, plural, seconds, typeText } from "./format.js";
import { GraphView, linkCamera } from "./graph.js";
import { nodeFacts } from "./inspector.js";
import { searchText, matcher } from "./search.js";
import { PassStrip } from "./strip.js";
import { ADDED, REMOVED, sideScene, unionDiff } from "./trace.js";

const MODES = [
  ["union", "Union diff"],
  ["side", "Side by side"],
  ["before", "Before"],
  ["after", "After"],
];
const TIDY_FROM = 1.5; // a seeded layout this much larger than a fresh one is laid out anew
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
      clear: () => this.session.select(null),
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
        Enter: () => this.stepInside(),
      },
      keyup: { b: () => this.hold(false) },
      help: [
        [["[", "]"], "the pass before, the pass after"],
        [["b"], "hold: the graph before the pass"],
        [["⇧ click"], "on a pass: compare with it"],
        [["g"], "open or close the group of the selected node"],
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

  nameOf(index) {
    return index < 0 ? "as written" : this.trace.passes[index].name;
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
    const [id] = this.session.selected,
      { drawing } = this.current,
      opened = this.view.opened || [];
    if (!id) return;
    const around = drawing.opened.find((g) => g.members.includes(id));
    if (around) this.session.setView({ opened: opened.filter((i) => !around.members.includes(i)) });
    else if (drawing.figures.some((f) => f.kind === "group" && f.members.includes(id)))
      this.session.setView({ opened: [...opened, id] });
  }

  /** The diff of the two states and its drawing, seeded by what is shown, so that nothing jumps. */
  scene(base, index) {
    const options = { opened: this.view.opened || [], group: this.view.group === "none" ? "none" : "auto" };
    const steps = [this.trace.stepAfter(base), this.trace.stepAfter(index)],
      key = JSON.stringify([steps, options]),
      known = this.drawings.get(key);
    if (known) return known;
    const diff = unionDiff(this.trace.stateAt(steps[0]), this.trace.stateAt(steps[1])),
      seed = this.current ? this.current.drawing.flow : null;
    let drawing = draw(this.trace, diff, { ...options, seed });
    if (seed && drawing.figures.length <= TIDY_LIMIT) {
      const fresh = draw(this.trace, diff, options);
      if (areaOf(drawing.flow.frame) > TIDY_FROM * areaOf(fresh.flow.frame)) drawing = fresh;
    }
    const scene = { diff, drawing, options };
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
      `${this.nameOf(this.index)}: ${Object.keys(counts)
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
    const caption = (word, index, state) => `${word}: ${this.nameOf(index)}, ${plural(state.nodes.size, "node")}`;
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
    for (const graph of [this.left, this.right]) graph.select(this.session.selected);
  }

  selected() {
    this.ring();
    this.inspect();
    const [id] = this.session.selected;
    if (id) this.left.reveal(id);
  }

  inspect() {
    const [id] = this.session.selected,
      { diff } = this.current,
      node = id ? diff.nodes.get(id) : null;
    refill(
      this.side,
      this.passFacts(),
      node
        ? [h("h4", null, "Selected node"), nodeFacts(this.trace, node, diff.changes.get(id) || "")]
        : id && this.trace.knows(id)
          ? [h("h4", null, "Selected node"), h("p", { class: "tv-dim" }, "It is not in the graph at this pass.")]
          : null,
    );
  }

  passFacts() {
    const pass = this.trace.passes[this.index],
      { counts } = this.current.diff;
    const pills = Object.keys(counts)
      .filter((k) => counts[k])
      .map((k) => h("span", { class: `tv-pill ${k}` }, `${CHANGE_SIGNS[k]} ${count(counts[k])} ${CHANGE_WORDS[k]}`));
    const title = this.compared ? `${this.nameOf(this.base)} → ${this.nameOf(this.index)}` : this.nameOf(this.index);
    if (!pass)
      return [
        h("h4", null, title),
        h("p", { class: "tv-doc" }, "The graph as you wrote it."),
        h("div", { class: "tv-pills" }, pills),
        this.hint(),
      ];
    const rules = Object.entries(pass.rules).sort((a, b) => b[1][1] - a[1][1] || b[1][0] - a[1][0]);
    return [
      h("h4", null, title),
      h("p", { class: "tv-doc" }, pass.doc),
      pills.length ? h("div", { class: "tv-pills" }, pills) : this.hint(),
      rules.length
        ? h(
            "table",
            { class: "tv-table tv-rules" },
            h(
              "thead",
              null,
              h("tr", null, h("th", null, "Rule"), h("th", { class: "r" }, "Hits"), h("th", { class: "r" }, "Took")),
            ),
            h(
              "tbody",
              null,
              rules.map(([name, [hits, took]]) => this.ruleRow(name, hits, took)),
            ),
          )
        : null,
      rules.length
        ? h(
            "button",
            { class: "tv-btn wide tv-step-inside", type: "button", onclick: () => this.stepInside() },
            "Step inside ",
            kbd("↵"),
          )
        : null,
    ];
  }

  ruleRow(name, hits, took) {
    const pass = this.trace.passes[this.index],
      [id] = this.session.selected;
    const on = id && this.current.diff.nodes.get(id)?.made_by === name && this.current.diff.changes.get(id);
    const go = () => {
      const first = this.trace.events.findIndex((e, i) => i >= pass.first && i < pass.last && e.rule === name);
      if (first >= 0) this.session.select(this.trace.events[first].result);
    };
    return h(
      "tr",
      {
        class: on ? "on" : null,
        tabindex: 0,
        title: "Select what the rule made",
        onclick: go,
        onkeydown: (e) => {
          if (e.key === "Enter") {
            e.stopPropagation();
            go();
          }
        },
      },
      h("td", { class: "tv-mono" }, name),
      h("td", { class: "r" }, count(hits)),
      h("td", { class: "r" }, seconds(took)),
    );
  }

  /** What to do where nothing changed. */
  hint() {
    const next = this.trace.passes.findIndex((p, i) => i > this.index && p.last > p.first);
    const words = this.index < 0 ? "" : "No rewrites in this pass. ";
    if (next < 0) return h("p", { class: "tv-dim" }, words);
    return h(
      "p",
      { class: "tv-dim" },
      `${words}Next pass with changes: `,
      button(this.trace.passes[next].name, () => this.goTo(next), { kind: "link" }),
    );
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

const areaOf = (frame) => (frame[2] - frame[0]) * (frame[3] - frame[1]);

/** @type {import("./shell.js").Screen} */
export const passes = {
  title: "Passes",
  find: "Find a node",
  make: (shell, session) => new PassExplorerView(shell, session).hooks,
};
