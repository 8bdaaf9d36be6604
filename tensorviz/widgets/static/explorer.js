// The pass explorer: what every pass did to the graph, as a diff on one map.
import { button, h, refill, segment } from "./dom.js";
import { countText, countTexts, picture } from "./drawing.js";
import { CHANGE_WORDS, isLeaf } from "./figures.js";
import { count, plural, typeText } from "./format.js";
import { openAround } from "./fit.js";
import { GraphView, linkCamera } from "./graph.js";
import { fitInspector, groupFacts, nodeFacts, tellOf } from "./inspector.js";
import { passName, passPanel, stepsBetween } from "./passpanel.js";
import { Room } from "./room.js";
import { Scenes } from "./scenes.js";
import { searchText, matcher } from "./search.js";
import { PassStrip } from "./strip.js";
import { REMOVED } from "./trace.js";
import { coverOf, framesAround, freeCorner } from "./viewport.js";

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
const ALL_LIMIT = 6000; // nodes up to which all can be shown without groups
const HALF_SIZE = 0.62; // the scale down to which all of both sides is in view
const CAPTION = 30; // pixels at the top of a pane with a caption

class PassExplorerView {
  /** @param {import("./shell.js").Shell} shell @param {import("./session.js").Session} session */
  constructor(shell, session) {
    this.shell = shell;
    this.session = session;
    this.trace = session.trace;
    this.scenes = new Scenes(this.trace);
    this.held = false;
    this.strip = new PassStrip(this.trace, { choose: (index) => this.goTo(index), compare: (index) => this.compare(index) });
    const options = {
      onselect: (id, box) => this.pick(id, box),
      onopen: () => this.stepInside(),
      picked: (box) => box.id === this.session.selected[0] && (box.kind === "group" ? box.key === this.card : !this.card),
      label: "Graph of the pass",
      tell: (box) => tellOf(this.trace, this.current.diff, box),
    };
    const follow = (camera, other) => this.mode === "side" && linkCamera(other(), camera);
    this.left = new GraphView({
      ...options,
      onsize: () => this.placeCaption(),
      taken: () => (this.alone ? this.captions[0].className.split(" ")[1] : ""),
      onmove: (camera) => follow(camera, () => this.right),
    });
    this.right = new GraphView({ ...options, onmove: (camera) => follow(camera, () => this.left) });
    this.captions = [h("div", { class: "tv-panecap" }), h("div", { class: "tv-panecap" })];
    this.left.element.append(this.captions[0]);
    this.right.element.append(this.captions[1]);
    this.centre = h("div", { class: "tv-centre" }, this.left.element);
    this.side = h("div", { class: "tv-side", role: "region", "aria-label": "Inspector" });
    this.main = h("div", { class: "tv-main" }, this.centre, this.side);
    this.room = new Room([this.side], () => fitInspector(this.side));
    refill(shell.body, this.strip.element, this.main);
    session.on(["pass_index", "view"], () => this.update());
    session.on(["selected"], () => this.selected());
    this.controls();
    this.update(false);
  }

  /** What the shell asks of a view. */
  get hooks() {
    return {
      fit: () => {
        for (const graph of this.shown) graph.fit();
      },
      clear: () => this.clear(),
      find: (query) => this.find(query),
      list: () => this.list(),
      beside: this.main,
      graphs: () => this.shown,
      tidy: () => this.tidy(),
      theme: () => {
        for (const graph of [this.left, this.right]) graph.themed();
      },
      dispose: () => {
        this.idle?.();
        this.room.dispose();
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
        [["t"], "lay the graph out anew"],
      ],
    };
  }

  /** The graphs that one sees. */
  get shown() {
    return this.right.element.isConnected ? [this.left, this.right] : [this.left];
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

  /** Select a node; a closed group is looked at as a whole. */
  pick(id, box) {
    const card = box?.kind === "group" ? box.key : "",
      same = id === this.session.selected[0] && card !== this.card;
    this.card = card;
    this.session.select(id);
    if (same) this.inspect();
  }

  tidy() {
    this.current = this.scenes.tidied(this.current);
    this.left.touched = this.left.settled = false;
    this.drawGraph(true);
  }

  clear() {
    this.card = "";
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

  /** The next pass in this direction that changed something; null if there is none. */
  nextOf(by) {
    const { passes } = this.trace;
    let next = this.index + by;
    while (next > -1 && next < passes.length && passes[next].last === passes[next].first) next += by;
    return next >= -1 && next < passes.length ? next : null;
  }

  walk(by) {
    const next = this.nextOf(by);
    if (next !== null) this.goTo(next);
  }

  hold(on) {
    if (this.held === on || this.mode === "side" || this.index < 0) return;
    this.held = on;
    this.drawGraph(true);
    this.foot();
  }

  stepInside() {
    const [first, last] = stepsBetween(this.trace, this.base, this.index);
    if (first < last) this.session.set({ step: first + 1, screen: "rewrites" });
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

  /** Pixels of a pane, across and down, as they will be in this mode. */
  paneOf(side) {
    const whole = this.main.clientWidth || 1080,
      beside = this.side.hidden ? 0 : this.side.offsetWidth;
    return [side ? whole / 2 : Math.max(300, whole - (beside || 266)), (this.main.clientHeight || 600) - (side ? CAPTION : 0)];
  }

  /** Boxes, ranks and boxes on a rank that fit into a pane at full size. */
  roomOf([width, height]) {
    const boxes = (width * height * Math.min(1, width / WIDE)) / BOX;
    return [Math.max(14, Math.round(boxes)), Math.max(6, Math.floor((height - 40) / RANK) - 1), Math.floor(width / COLUMN_WIDTH)];
  }

  /** The selected node; without one, what the pass is about, until one clears it. */
  get shownId() {
    const [id] = this.session.selected;
    return id || (this.cleared === String(this.current.steps) ? null : this.current.telling);
  }

  /** What is to be drawn of these two states. What is open stays open and what is closed closed while one looks at the same pass. */
  wish(base, index, side) {
    const { group, opened = [], closed = [] } = this.view,
      steps = [this.trace.stepAfter(base), this.trace.stepAfter(index)],
      from = this.current,
      fit = from?.drawing.fit;
    this.panes ||= {};
    const pane = (this.panes[side] ||= this.paneOf(side)),
      wish = { steps, side, group: group === "none" ? "none" : "fit", opened, closed, room: this.roomOf(pane), pane };
    if (!fit || side !== from.side || String(steps) !== String(from.steps)) return wish;
    return { ...wish, opened: [...without([...fit.opened], ...opened, ...closed), ...opened], room: [0, 0, 0] };
  }

  /** The diff of the two states and its drawing, seeded by what is shown, so that nothing jumps. */
  scene(base, index, side) {
    const { group, opened, closed } = this.view,
      asked = JSON.stringify([this.trace.stepAfter(base), this.trace.stepAfter(index), side, group, opened, closed]);
    if (this.current && this.asked === asked) return this.current;
    this.asked = asked;
    return this.scenes.get(this.wish(base, index, side), this.current || null);
  }

  /** Have the passes beside this one ready. */
  prepare() {
    this.idle?.();
    const near = [1, -1].map((by) => this.nextOf(by)).filter((index) => index !== null);
    const wishes = near.map((index) => this.wish(index < 0 ? -1 : index - 1, index, this.mode === "side" && index >= 0));
    this.idle = this.scenes.prepare(wishes, this.current);
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
    this.foot();
    this.prepare();
    const { counts } = this.current.diff;
    this.shell.say(
      `${passName(this.trace, this.index)}: ${Object.keys(counts)
        .map((k) => `${counts[k]} ${CHANGE_WORDS[k]}`)
        .join(", ")}`,
    );
  }

  foot() {
    const keys = [
      [["[", "]"], "pass"],
      ...(this.mode === "side" ? [] : [[["b"], "hold for before"]]),
      ...(this.current.drawing.groups ? [[["g"], "open group"]] : []),
      [["?"], "help"],
    ];
    const tidy = button("Tidy", () => this.tidy(), { keys: "t", kind: "link", title: "Lay the graph out anew" });
    this.shell.setFoot(this.countNotes(), keys, tidy);
  }

  /** How much of what one looks at is shown; of large graphs all of it on request. */
  countNotes() {
    const { drawing, diff } = this.current,
      removed = diff.counts[REMOVED],
      all = this.view.group === "none",
      seen = this.drawings;
    const words = seen.length > 1 ? countTexts(seen) : countText(seen[0], this.seen[0] === "union" ? removed : 0);
    const toggle =
      (drawing.groups || all) && drawing.total <= ALL_LIMIT
        ? button(all ? "Group them" : "Show all", () => this.session.setView({ group: all ? "auto" : "none" }), {
            kind: "link",
            name: "group",
          })
        : null;
    return [[words, toggle]];
  }

  drawGraph(animate) {
    const start = this.index < 0 && !this.compared,
      side = this.mode === "side" && !start;
    if (side !== (this.right.element.parentNode === this.centre))
      refill(this.centre, this.left.element, side ? this.right.element : null);
    this.current = start ? this.scene(-1, -1, false) : this.scene(this.base, this.index, side);
    this.side.hidden = side;
    const nodes = (index) => plural(this.trace.stateAt(this.trace.stepAfter(index)).nodes.size, "node");
    const caption = (word, index) => `${word}: ${passName(this.trace, index)}, ${nodes(index)}`;
    const first = start ? "union" : side || this.held ? "before" : this.mode;
    this.seen = side ? ["before", "after"] : [first];
    this.captions[0].hidden = first === "union";
    this.captions[0].textContent = first === "before" ? caption("Before", this.base) : caption("After", this.index);
    this.captions[1].textContent = caption("After", this.index);
    this.left.top = this.right.top = side ? CAPTION : 0;
    this.left.options.least = this.right.options.least = side ? HALF_SIZE : undefined;
    this.drawings = this.seen.map((which) => this.drawingOf(which));
    const frame = coverOf(this.drawings.map((drawing) => drawing.flow.frame)),
      [left, right] = this.drawings.map((drawing) => this.pictureOf(drawing, frame)),
      same = !side && !this.scenes.sideOf(this.current, this.mode).own;
    this.left.show(left, { animate, keep: same && (this.held || this.wasHeld) });
    if (right) this.right.show(right, { animate, keep: true });
    this.wasHeld = this.held;
    this.placeCaption();
    this.ring();
  }

  drawingOf(which) {
    return this.held ? this.scenes.heldOver(this.current, this.mode) : this.scenes.sideOf(this.current, which);
  }

  /** A drawing as it is looked at: about what changed, wherever that stands on its map. */
  pictureOf(drawing, frame) {
    const { focus } = picture(this.current.drawing),
      { figures } = drawing.own ? drawing : this.current.drawing;
    return {
      ...picture(drawing),
      frame,
      about: framesAround(figures.filter((f) => focus.includes(f.id))),
      heart: framesAround(figures.filter((f) => f.id === this.current.telling)),
    };
  }

  /** The caption of a single pane goes where it hides least. */
  placeCaption() {
    const { drawing, camera, width, height } = this.left,
      [caption] = this.captions,
      size = [caption.offsetWidth + 28, CAPTION + 8],
      corners = ["tr", "tl", "br", "bl"].filter((corner) => corner !== this.left.overview.shownCorner);
    const free = () => freeCorner(drawing.boxes, camera, { width, height }, size, new Set(drawing.focus), corners);
    caption.className = `tv-panecap ${this.alone ? free() : "tr"}`;
  }

  /** Whether the caption lies over the graph: that of a single pane. */
  get alone() {
    return !this.captions[0].hidden && this.seen.length === 1;
  }

  ring() {
    const id = this.shownId;
    for (const graph of [this.left, this.right]) graph.select(id ? [id] : []);
  }

  selected() {
    const [id] = this.session.selected;
    if (!this.cardOf(id)) this.card = "";
    this.ring();
    this.inspect();
    if (id) this.left.reveal(id);
  }

  /** The closed group that was picked, if it holds this node. */
  cardOf(id) {
    return this.card ? this.current.drawing.figures.find((f) => f.key === this.card && f.members.includes(id)) : undefined;
  }

  inspect() {
    const id = this.shownId,
      { diff } = this.current,
      node = id ? diff.nodes.get(id) : null,
      card = this.cardOf(id);
    this.shell.crumbs(node?.group || []);
    refill(
      this.side,
      passPanel(this.trace, this.passState(id), {
        compare: (base) => this.compare(base),
        goTo: (index) => this.goTo(index),
        stepInside: () => this.stepInside(),
        select: (made) => this.session.select(made),
      }),
      card
        ? [h("h4", null, "Selected group"), groupFacts(this.trace, diff, card, () => this.toggleGroup())]
        : node
          ? [h("h4", null, "Selected node"), nodeFacts(this.trace, node, diff.changes.get(id) || "")]
          : id && this.trace.knows(id)
            ? [h("h4", null, "Selected node"), h("p", { class: "tv-dim" }, "It is not in the graph at this pass.")]
            : null,
    );
    fitInspector(this.side);
  }

  passState(id) {
    const { diff } = this.current,
      node = id && diff.changes.has(id) ? diff.nodes.get(id) : null;
    const { inside } = this.current.drawing,
      written = { ...diff.counts };
    for (const k of Object.keys(written)) written[k] = inside.filter((i) => diff.changes.get(i) === k).length;
    return { index: this.index, base: this.base, compared: this.compared, counts: diff.counts, written, madeBy: node?.made_by || "" };
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
    this.card = "";
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

/** @type {import("./shell.js").Screen} */
export const passes = {
  title: "Passes",
  find: "Find a node",
  make: (shell, session) => new PassExplorerView(shell, session).hooks,
};
