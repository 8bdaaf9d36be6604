// The strip of passes: nodes, estimated time and what each pass took, side by side; passes that changed nothing recede.
import { button, h, refill, scrollAcross } from "./dom.js";
import { textWidth } from "./fonts.js";
import { count, plural, seconds } from "./format.js";

const BAR = 26;
const NAMES = 108; // pixels of the column of names, with the space at both ends

/** Pixels that a column needs; one that is `narrow` breaks its name. */
function widthOf(c, narrow) {
  const parts = narrow ? c.name.split(/(?<=[-_ ])/) : [c.name];
  const words = Math.max(...parts.map((part) => textWidth(part, 11.5, "bold")));
  const numbers = Math.max(textWidth(seconds(c.cost), 11), textWidth(count(c.nodes), 11)) + BAR + 5;
  return Math.ceil(Math.max(words, numbers, textWidth("no change", 11)) + 14);
}

/**
 * The columns of the strip: as written, then the passes. @param {import("./trace.js").Trace} trace
 * @returns {{index: number, name: string, nodes: number, cost: number, took: number, changed: boolean, doc: string}[]}
 */
export function passColumns(trace) {
  const start = trace.stateAt(0);
  let cost = 0;
  for (const node of start.nodes.values()) cost += node.seconds;
  const first = {
    index: -1,
    name: "as written",
    nodes: start.nodes.size,
    cost,
    took: 0,
    changed: true,
    doc: "The graph as you wrote it.",
  };
  return [
    first,
    ...trace.passes.map((p, index) => ({
      index,
      name: p.name,
      nodes: p.nodes,
      cost: p.cost[0] || 0,
      took: p.seconds,
      changed: p.last > p.first,
      doc: p.doc,
    })),
  ];
}

export class PassStrip {
  /**
   * @param {import("./trace.js").Trace} trace
   * @param {{choose: (index: number) => void, compare: (index: number) => void}} actions
   */
  constructor(trace, actions) {
    this.columns = passColumns(trace);
    this.actions = actions;
    this.showAll = false;
    this.element = h("div", { class: "tv-strip" });
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(this.element);
  }

  dispose() {
    this.observer.disconnect();
  }

  /** @param {number} current @param {number | null} base the pass that is compared with, if it is not the one before */
  show(current, base) {
    this.current = current;
    this.base = base;
    this.draw();
  }

  /** All columns where there is room, else those that changed something and the current one, with narrow names if need be. */
  arrange() {
    const room = (this.element.clientWidth || 1200) - NAMES,
      wide = (columns, narrow) => columns.reduce((n, c) => n + widthOf(c, narrow), 0);
    const busy = this.columns.filter((c) => c.changed || c.index === this.current || c.index === this.base);
    this.crowded = wide(this.columns, false) > room;
    const shown = this.crowded && !this.showAll ? busy : this.columns;
    return { shown, narrow: wide(shown, false) > room };
  }

  draw() {
    if (this.current === undefined) return;
    const { shown, narrow } = this.arrange(),
      at = this.box?.scrollLeft || 0;
    const most = {
      nodes: Math.max(...this.columns.map((c) => c.nodes), 1),
      cost: Math.max(...this.columns.map((c) => c.cost), 1e-30),
    };
    this.box = h(
      "div",
      { class: `tv-strip-columns ${narrow ? "narrow" : ""}`, role: "group", "aria-label": "Passes", onscroll: () => this.ends() },
      shown.map((c) => this.column(c, most, narrow)),
    );
    const end = (by, name) =>
      h("button", { type: "button", class: "tv-strip-end", hidden: true, "data-name": name, onclick: () => this.turn(by) });
    this.before = end(-1, "passes before");
    this.after = end(1, "passes after");
    const names = ["nodes", "time, est.", "pass took"].map((t) => h("b", { "aria-hidden": "true" }, t));
    refill(
      this.element,
      h("div", { class: "tv-strip-names" }, h("b", null, this.idleButton(shown)), names),
      this.before,
      this.box,
      this.after,
    );
    const out = this.box.scrollWidth > this.box.clientWidth + 1;
    this.before.hidden = this.after.hidden = !out;
    this.box.scrollLeft = at;
    scrollAcross(this.box, this.box.querySelector(".on"));
    if (out) this.ends();
  }

  /** Passes that changed nothing make room for the others; here one has them back. */
  idleButton(shown) {
    const idle = this.columns.filter((c) => !c.changed),
      hidden = this.columns.length - shown.length;
    if (!this.crowded || !idle.length) return null;
    const flip = () => {
      this.showAll = !this.showAll;
      this.draw();
    };
    const title = `${plural(idle.length, "pass")} changed nothing: ${idle.map((c) => c.name).join(", ")}`;
    return button(this.showAll ? "hide idle" : `+ ${hidden} idle`, flip, { kind: "link plain", title, name: "idle" });
  }

  /** At an end where columns are out of view stands how many, and goes there. */
  ends() {
    const { left, right } = this.box.getBoundingClientRect(),
      places = [...this.box.children].map((c) => c.getBoundingClientRect());
    const out = [places.filter((p) => p.left < left - 4).length, places.filter((p) => p.right > right + 4).length];
    for (const [i, element] of [this.before, this.after].entries()) {
      element.textContent = i ? `${out[1] || ""} ›` : `‹ ${out[0] || ""}`;
      element.setAttribute("aria-label", `${plural(out[i], "pass")} ${i ? "after" : "before"} these`);
      element.classList.toggle("none", !out[i]);
    }
  }

  baseMark(c) {
    return c.index === this.base ? h("span", { class: "tv-base" }, "before") : null;
  }

  turn(by) {
    this.box.scrollBy({ left: by * this.box.clientWidth * 0.8 });
  }

  column(c, most, narrow) {
    const bar = (value, largest) =>
      h("span", { class: "tv-bar", style: { height: `${Math.max(value ? 1 : 0, (BAR * value) / largest)}px` } });
    const on = c.index === this.current,
      took = c.index < 0 ? "–" : c.changed ? seconds(c.took) : "no change";
    return h(
      "button",
      {
        type: "button",
        class: `tv-pass ${c.changed ? "" : "same"} ${on ? "on" : ""} ${c.index === this.base ? "base" : ""}`,
        "aria-current": on ? "step" : null,
        "data-index": c.index,
        style: { "flex-basis": `${widthOf(c, narrow)}px` },
        title: `${c.doc}${c.index === this.current ? "" : "\nShift-click: compare with this one"}`.trim(),
        "aria-label": `${c.name}, ${plural(c.nodes, "node")}, ${seconds(c.cost)} estimated, ${took}`,
        onclick: (event) => (event.shiftKey ? this.actions.compare(c.index) : this.actions.choose(c.index)),
      },
      h("span", { class: "tv-pass-name" }, narrow ? breakable(c.name) : c.name, this.baseMark(c)),
      h("span", { class: "tv-lane" }, bar(c.nodes, most.nodes), h("span", { class: "tv-v" }, count(c.nodes))),
      h("span", { class: "tv-lane t" }, bar(c.cost, most.cost), h("span", { class: "tv-v" }, seconds(c.cost))),
      h("span", { class: "tv-took tv-v" }, took),
    );
  }
}

/** A name that may be broken after its hyphens. @param {string} name */
function breakable(name) {
  return name.split(/(?<=[-_])/).flatMap((part, i) => (i ? [h("wbr"), part] : [part]));
}
