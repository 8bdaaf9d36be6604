// The rewrite stepper: one application of one rule at a time, as mathematics and as two graphs.
import { button, h, refill } from "./dom.js";
import { picture } from "./drawing.js";
import { checksPanel, conditionsPanel, missesNear, missesPanel } from "./facts.js";
import { bytes, change, count, seconds } from "./format.js";
import { GraphView, linkCamera } from "./graph.js";
import { neighbourhood } from "./groups.js";
import { tellOf } from "./inspector.js";
import { placeLink } from "./places.js";
import { filteredSteps, nextStep, rewriteScenes } from "./rewrite.js";
import { fade, Room } from "./room.js";
import { bindingList, equation, fitRule, ruleName } from "./rulebar.js";
import { StepStrip } from "./steps.js";
import { findInRewrites, listOfRewrite } from "./stepfind.js";
import { fitCamera } from "./viewport.js";

const PLAY_MS = 1400;
const MOST_RINGS = 4;
const ANSWER_MS = 20000;
const LEGIBLE = 0.85; // the scale below which neighbours are left out, if nobody asked for them
const WORDS_MS = 2600;
const WHOLE_FROM = 0.55; // the scale down to which all of a rewrite is in view
const PANE_HEIGHT = 290; // of a graph, before it is measured
const KEYS = [
  [["n"], "next of this rule"],
  [["h"], "history of node"],
  [["?"], "help"],
];

class RewriteStepperView {
  /** @param {import("./shell.js").Shell} shell @param {import("./session.js").Session} session */
  constructor(shell, session) {
    this.shell = shell;
    this.session = session;
    this.trace = session.trace;
    this.checks = new Map();
    this.revealed = 0;
    this.strip = new StepStrip(this.trace, (step) => this.goTo(step));
    const options = {
      onselect: (id) => session.select(id),
      most: 1.3,
      least: WHOLE_FROM,
      entire: true,
      tell: (box) => tellOf(this.trace, this.scenes.diff, box),
    };
    this.before = new GraphView({ ...options, label: "Before the rewrite", onmove: (camera) => linkCamera(this.after, camera) });
    this.after = new GraphView({ ...options, label: "After the rewrite", onmove: (camera) => linkCamera(this.before, camera) });
    this.rule = h("div", { class: "tv-rule" });
    this.captions = [h("div", { class: "tv-cap" }), h("div", { class: "tv-cap" })];
    this.curtain = h("div", { class: "tv-curtain" });
    this.panes = h(
      "div",
      { class: "tv-panes" },
      h("div", { class: "tv-pane" }, this.captions[0], this.before.element),
      h("div", { class: "tv-pane" }, this.captions[1], this.after.element, this.curtain),
    );
    this.facts = h("div", { class: "tv-three" });
    refill(shell.body, this.strip.element, this.rule, this.panes, this.facts);
    this.room = new Room([shell.body, this.facts], () => this.fitParts());
    session.on(["step", "view"], () => this.update());
    session.on(["selected"], () => this.ringed());
    session.listen("msg:custom", (message) => this.heard(message));
    this.update(false);
  }

  get hooks() {
    const keys = {
      "[": () => this.walk(-1),
      "]": () => this.walk(1),
      " ": () => this.play(),
      n: () => this.nextOfRule(),
      h: () => this.history(),
      p: () => this.predict(),
      Home: () => this.goTo(this.steps[0] || 1),
      End: () => this.goTo(this.steps[this.steps.length - 1] || 1),
    };
    return {
      fit: () => {
        this.before.fit();
        this.after.fit();
      },
      clear: () => this.clear(),
      find: (query) => findInRewrites(this, query),
      list: () => listOfRewrite(this),
      listName: "Nodes and rewrites",
      beside: this.panes,
      graphs: () => (this.trace.events.length ? (this.hiding ? [this.before] : [this.before, this.after]) : []),
      theme: () => {
        for (const graph of [this.before, this.after]) graph.themed();
      },
      dispose: () => {
        this.stop();
        clearTimeout(this.words);
        this.room.dispose();
        this.before.dispose();
        this.after.dispose();
      },
      keys: { ...(this.trace.events.length ? keys : {}), Backspace: () => this.leave() },
      help: [
        [["[", "]"], "the rewrite before, the next one"],
        [["space"], "play"],
        [["n"], "next use of this rule"],
        [["h"], "only rewrites that touched the selected node"],
        [["p"], "predict: hide the answer"],
        [["⌫"], "back to the passes"],
      ],
    };
  }

  get view() {
    return this.session.get("view") || {};
  }
  /** How far around the match one looks: as asked, else one edge, and none where that would be too small to read. */
  get ring() {
    return Number.isInteger(this.view.ring) ? Math.max(0, Math.min(this.view.ring, MOST_RINGS)) : this.ownRing;
  }
  get filter() {
    return this.view.filter || {};
  }
  /** Number of the rewrite that is shown, from 1. */
  get step() {
    return Math.max(1, Math.min(this.session.get("step"), this.trace.events.length));
  }
  get hiding() {
    return Boolean(this.view.predict) && this.revealed !== this.step;
  }

  goTo(step) {
    const pass = this.trace.passOf(step - 1);
    this.session.set({ step, ...(pass >= 0 ? { pass_index: pass } : {}) });
  }

  walk(by) {
    this.goTo(nextStep(this.steps, this.step, by));
  }

  nextOfRule() {
    const { rule } = this.trace.events[this.step - 1],
      same = filteredSteps(this.trace, { rule });
    const next = nextStep(same, this.step, 1);
    if (same.length < 2) this.tell(`${rule} is used once`);
    else this.goTo(next === this.step ? same[0] : next);
  }

  /** Say something for a moment, in the foot and to screen readers. */
  tell(words) {
    this.shell.say(words);
    this.told = words;
    this.foot(this.trace.events[this.step - 1]);
    clearTimeout(this.words);
    this.words = setTimeout(() => {
      this.told = "";
      this.foot(this.trace.events[this.step - 1]);
    }, WORDS_MS);
  }

  history() {
    const [id] = this.session.selected,
      node = this.filter.node ? null : id || this.trace.events[this.step - 1].root;
    this.setFilter({ node });
  }

  setFilter(changes) {
    const filter = { ...this.filter, ...changes },
      steps = filteredSteps(this.trace, filter);
    this.session.setView({ filter });
    if (steps.length && !steps.includes(this.step))
      this.goTo(nextStep(steps, this.step, 1) === this.step ? steps[0] : nextStep(steps, this.step, 1));
  }

  clear() {
    this.session.select(null);
    if (Object.values(this.filter).some((v) => v !== null && v !== undefined)) this.session.setView({ filter: {} });
  }

  predict() {
    this.revealed = 0;
    this.session.setView({ predict: !this.view.predict });
  }

  leave() {
    if (this.shell.screens.passes) this.session.set({ screen: "passes" });
  }

  play() {
    if (this.timer) this.stop();
    else {
      if (nextStep(this.steps, this.step, 1) === this.step && this.steps.length) this.goTo(this.steps[0]);
      this.timer = setInterval(
        () => (nextStep(this.steps, this.step, 1) === this.step ? this.stop() : this.walk(1)),
        PLAY_MS / (this.view.speed || 1),
      );
    }
    this.controls();
  }

  stop() {
    clearInterval(this.timer);
    this.timer = 0;
    if (this.shell.root.isConnected) this.controls();
  }

  controls() {
    if (!this.steps) return;
    const back = this.shell.screens.passes ? button("Passes", () => this.leave(), { keys: "⌫", kind: "quiet" }) : null;
    if (!this.trace.events.length) return this.shell.setControls(back);
    const at = this.steps.indexOf(this.step) + 1,
      filtered = this.steps.length !== this.trace.events.length;
    const end = (by) => nextStep(this.steps, this.step, by) === this.step;
    const rules = [...new Set(this.trace.events.map((e) => e.rule))].sort();
    const choose = h(
      "select",
      { "aria-label": "Rules", onchange: (e) => this.setFilter({ rule: e.target.value || null }) },
      h("option", { value: "" }, "All rules"),
      rules.map((rule) => h("option", { value: rule, selected: rule === this.filter.rule }, rule)),
    );
    this.shell.setControls(
      back,
      button("Previous", () => this.walk(-1), { keys: "[", kind: "quiet", off: end(-1) }),
      h(
        "span",
        { class: "tv-count" },
        h("b", null, count(filtered && at ? at : this.step)),
        h("span", { class: "tv-dim" }, this.countWords(filtered, at)),
      ),
      button("Next", () => this.walk(1), { keys: "]", kind: "quiet", off: end(1) }),
      button(this.timer ? "Pause" : "Play", () => this.play(), {
        keys: "space",
        kind: "quiet",
        pressed: Boolean(this.timer),
        name: "play",
      }),
      choose,
      button("Predict", () => this.predict(), {
        pressed: Boolean(this.view.predict),
        title: "Hide the answer until you ask for it",
      }),
    );
  }

  /** " of 35"; with a filter " of 4 found"; of a rewrite that the filter leaves out " of 35, not among 4 found". */
  countWords(filtered, at) {
    if (!filtered) return ` of ${count(this.steps.length)}`;
    const found = `${count(this.steps.length)} found`;
    return at ? ` of ${found}` : ` of ${count(this.trace.events.length)}, not among ${found}`;
  }

  /**
   * Both sides with as many neighbours as asked for; unasked, without them where they would make it too small to read in the
   * room that the facts below leave.
   */
  compose() {
    const { view, step, trace } = this;
    this.ownRing = 1;
    this.scenes = rewriteScenes(trace, step, this.ring);
    this.below(this.scenes.event);
    this.before.measured = null;
    const [width, height] = this.before.size;
    const scale = (s) => fitCamera(s.before.flow.frame, width || 600, height || PANE_HEIGHT, { most: 1 }).k;
    if (Number.isInteger(view.ring) || scale(this.scenes) >= LEGIBLE) return;
    const closer = rewriteScenes(trace, step, 0);
    if (scale(closer) > scale(this.scenes)) [this.scenes, this.ownRing] = [closer, 0];
  }

  update(animate = true) {
    this.steps = filteredSteps(this.trace, this.filter);
    this.controls();
    if (!this.trace.events.length) return this.empty();
    this.strip.show(this.step, this.steps.length === this.trace.events.length ? null : new Set(this.steps));
    this.ruleBar(this.trace.events[this.step - 1]);
    this.compose();
    const { scenes } = this;
    this.caption(scenes.event);
    this.before.show(picture(scenes.before), { animate });
    this.after.show(picture(scenes.after), { animate, keep: true });
    this.hide();
    this.ringed();
    this.foot(scenes.event);
    this.shell.say(`Rewrite ${this.step} of ${this.trace.events.length}: ${scenes.event.rule}, ${this.formulaOf(scenes.event)}`);
  }

  /** The rule in words; while one predicts only its left side. */
  formulaOf(event) {
    const hidden = this.view.predict && this.revealed !== this.trace.events.indexOf(event) + 1;
    return hidden ? event.formula.split("->")[0].trim() : event.formula;
  }

  empty() {
    refill(
      this.rule,
      h("p", { class: "tv-empty" }, "No rule fired: the graph is as you wrote it, or the trace was made with record=False."),
    );
    this.facts.replaceChildren();
    this.shell.setFoot([], KEYS.slice(2));
  }

  ruleBar(event) {
    const words = [
      this.filter.node ? `only what touched ${this.nameOf(this.filter.node)}` : "",
      this.filter.rule ? `only ${this.filter.rule}` : "",
    ].filter(Boolean);
    const clear = button("Clear", () => this.session.setView({ filter: {} }), { kind: "link" });
    refill(
      this.rule,
      ruleName(
        event,
        this.trace.passes[this.trace.passOf(this.step - 1)],
        words.length ? h("div", { class: "tv-filter" }, words.join(", "), clear) : null,
      ),
      equation(event, this.hiding),
      bindingList(event, (id) => this.nameOf(id)),
    );
    fitRule(this.rule);
  }

  fitParts() {
    fitRule(this.rule);
    fade(this.facts);
  }

  caption(event) {
    const cost = ([time, , size], before) =>
      h(
        "span",
        { class: "tv-cost" },
        time === undefined
          ? null
          : [
              "time, est. ",
              h("b", null, seconds(time)),
              before && before[0]
                ? h("span", { class: time < before[0] ? "tv-ok" : "tv-bad" }, ` ${change(before[0], time)}`)
                : null,
              "  bytes ",
              h("b", null, bytes(size)),
            ],
      );
    const rings = h(
      "span",
      { class: "tv-rings" },
      button("−", () => this.session.setView({ ring: this.ring - 1 }), {
        kind: "tiny",
        title: "Fewer neighbours",
        off: !this.ring,
      }),
      ` ${this.ring} ${this.ring === 1 ? "ring" : "rings"}`,
      h("span", { class: "tv-wide" }, " of neighbours"),
      " ",
      button("+", () => this.session.setView({ ring: this.ring + 1 }), {
        kind: "tiny",
        title: "More neighbours",
        off: this.ring === MOST_RINGS,
      }),
    );
    refill(this.captions[0], h("b", null, "Before"), rings, cost(event.cost_before || []));
    refill(this.captions[1], h("b", null, "After"), this.hiding ? null : cost(event.cost_after || [], event.cost_before));
  }

  hide() {
    if (!this.hiding && this.curtain.contains(document.activeElement)) this.shell.root.focus({ preventScroll: true });
    this.curtain.hidden = !this.hiding;
    this.after.element.inert = this.hiding;
    this.after.element.style.visibility = this.hiding ? "hidden" : "";
    if (!this.hiding) return;
    const { event } = this.scenes,
      left = event.formula.split("->")[0].trim();
    refill(
      this.curtain,
      h("div", { class: "tv-question" }, "What does the rule put here?"),
      h("div", null, h("code", null, left || event.rule), " becomes …"),
      button(
        "Show the answer",
        () => {
          this.revealed = this.step;
          this.update();
        },
        { kind: "primary" },
      ),
    );
  }

  below(event) {
    if (this.hiding) {
      refill(
        this.facts,
        conditionsPanel(event, false),
        ["Numeric check", "Near misses here"].map((title) =>
          h("div", null, h("h4", null, title), h("p", { class: "tv-dim" }, "Comes with the answer.")),
        ),
      );
      return fade(this.facts);
    }
    const known = this.checks.get(this.step) || {};
    const live = this.session.live && this.session.get("can_check");
    const why = this.session.live ? "needs the function: open it with f.explore()" : "needs a live kernel";
    const state = {
      checks: known.checks || null,
      note: known.note || "",
      ask: live ? () => this.ask() : () => this.note(`Running a check ${why}.`),
    };
    refill(
      this.facts,
      conditionsPanel(event),
      checksPanel(event, state),
      missesPanel(
        missesNear(this.trace, event, neighbourhood(this.scenes.diff, this.scenes.centre)),
        (id) => this.nameOf(id),
        (id) => this.trace.knows(id) && this.session.select(id),
      ),
    );
    this.facts.scrollTop = 0;
    fade(this.facts);
  }

  /** Have the kernel run both sides of this rewrite. */
  ask() {
    const { step } = this;
    this.note("Running both sides …");
    this.session.send({ type: "check", step });
    setTimeout(() => {
      if (this.checks.get(step)?.note === "Running both sides …") this.note("No answer: this needs a live kernel.", step);
    }, ANSWER_MS);
  }

  note(text, step = this.step) {
    this.checks.set(step, { ...this.checks.get(step), note: text });
    if (step === this.step) this.below(this.scenes.event);
  }

  heard(message) {
    if (!message || message.type !== "checks" || !Number.isInteger(message.step)) return;
    this.checks.set(
      message.step,
      Array.isArray(message.checks) ? { checks: message.checks, note: "" } : { note: String(message.error || "") },
    );
    if (message.step === this.step) this.below(this.scenes.event);
  }

  foot(event) {
    const root = this.trace.stateAt(this.step - 1).nodes.get(event.root),
      origin = root && this.trace.originsOf(root)[0];
    this.shell.setFoot(
      [
        this.told ? h("b", { class: "tv-told" }, this.told) : null,
        origin ? ["Made from ", placeLink(this.shell.root, origin, (words) => this.tell(words))] : null,
        event.source ? ["Rule in ", h("span", { class: "tv-mono" }, event.source)] : null,
      ].filter(Boolean),
      KEYS,
    );
  }

  nameOf(id) {
    const node =
      this.trace.stateAt(this.step - 1).nodes.get(id) ||
      this.trace.stateAt(this.step).nodes.get(id) ||
      this.trace.records.find((r) => r.id === id);
    return node ? node.name || (node.kind === "op" ? node.op : node.value || node.op) : id;
  }

  ringed() {
    for (const graph of [this.before, this.after]) graph.select(this.session.selected);
  }

  /** Select a node; if it is not in this picture, at the rewrite that first touched it. */
  show(id) {
    const graph = [this.before, this.after].find((g) => g.drawing.boxes.some((b) => b.id === id));
    if (!graph) {
      const [first] = this.trace.historyOf(id);
      if (first === undefined) this.tell(`no rewrite touched ${this.nameOf(id)}`);
      else this.goTo(first + 1);
    }
    this.session.select(id);
    graph?.reveal(id);
  }
}

/** @type {import("./shell.js").Screen} */
export const rewrites = {
  title: "Rewrites",
  find: "Find",
  label: "Find a rewrite or a node",
  make: (shell, session) => new RewriteStepperView(shell, session).hooks,
};
