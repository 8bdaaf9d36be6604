// The strip of passes: nodes, estimated time and what each pass took, side by side; passes that changed nothing recede.
import { button, h, refill } from "./dom.js";
import { count, plural, seconds } from "./format.js";

const BAR = 26;
const COLUMN = 92;

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

  /** All columns where there is room, else only those that changed something (and the current one). */
  visible() {
    const room = Math.floor(((this.element.clientWidth || 1200) - 130) / COLUMN);
    this.crowded = this.columns.length > room;
    if (!this.crowded || this.showAll) return this.columns;
    return this.columns.filter((c) => c.changed || c.index === this.current || c.index === this.base);
  }

  draw() {
    if (this.current === undefined) return;
    const shown = this.visible(),
      hidden = this.columns.length - shown.length;
    const most = {
      nodes: Math.max(...this.columns.map((c) => c.nodes), 1),
      cost: Math.max(...this.columns.map((c) => c.cost), 1e-30),
    };
    const idle = this.columns.filter((c) => !c.changed).length;
    refill(
      this.element,
      h(
        "div",
        { class: "tv-strip-names", "aria-hidden": "true" },
        h("b"),
        h("b", null, "nodes"),
        h("b", null, "time, est."),
        h("b", null, "pass took"),
      ),
      h(
        "div",
        { class: "tv-strip-columns", role: "group", "aria-label": "Passes" },
        shown.map((c) => this.column(c, most)),
      ),
      this.crowded && idle
        ? h(
            "div",
            { class: "tv-strip-more" },
            h("span", null, hidden ? `${plural(hidden, "pass")} changed nothing` : `${plural(idle, "pass")} changed nothing`),
            button(
              this.showAll ? "Hide" : "Show",
              () => {
                this.showAll = !this.showAll;
                this.draw();
              },
              { kind: "link" },
            ),
          )
        : null,
    );
    this.element.querySelector(".on")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  column(c, most) {
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
        title: `${c.doc}${c.index === this.current ? "" : "\nShift-click: compare with this one"}`.trim(),
        "aria-label": `${c.name}, ${plural(c.nodes, "node")}, ${seconds(c.cost)} estimated, ${took}`,
        onclick: (event) => (event.shiftKey ? this.actions.compare(c.index) : this.actions.choose(c.index)),
      },
      h("span", { class: "tv-pass-name" }, c.name, c.index === this.base ? h("span", { class: "tv-base" }, "before") : null),
      h("span", { class: "tv-lane" }, bar(c.nodes, most.nodes), h("span", { class: "tv-v" }, count(c.nodes))),
      h("span", { class: "tv-lane t" }, bar(c.cost, most.cost), h("span", { class: "tv-v" }, seconds(c.cost))),
      h("span", { class: "tv-took tv-v" }, took),
    );
  }
}
