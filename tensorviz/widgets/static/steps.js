// The strip of rewrites: one tick each, grouped by pass; a pass with very many is a bar on which one points.
import { h, refill, scrollAcross } from "./dom.js";
import { count, plural } from "./format.js";

const MOST_TICKS = 160; // in all; above, passes with more than FEW_TICKS become bars
const FEW_TICKS = 14;

export class StepStrip {
  /** @param {import("./trace.js").Trace} trace @param {(step: number) => void} go */
  constructor(trace, go) {
    this.trace = trace;
    this.go = go;
    this.ticks = [];
    this.bars = [];
    this.element = h("div", { class: "tv-ticks", role: "group", "aria-label": "Rewrites" });
    const bars = trace.events.length > MOST_TICKS,
      idle = trace.passes.filter((p) => p.last === p.first).map((p) => p.name);
    refill(
      this.element,
      trace.passes.map((pass) => (pass.last > pass.first ? this.group(pass, bars && pass.last - pass.first > FEW_TICKS) : null)),
      h("span", { class: "tv-grow" }),
      idle.length
        ? h(
            "span",
            { class: "tv-idle", title: `changed nothing: ${idle.join(", ")}` },
            `${plural(idle.length, "pass")} changed nothing${idle.length <= 3 ? `: ${idle.join(", ")}` : ""}`,
          )
        : null,
    );
  }

  group(pass, asBar) {
    const row = h("div", { class: "tv-tick-row" }),
      name = h("div", { class: "tv-tick-name" }, asBar ? `${pass.name}, ${count(pass.last - pass.first)}` : pass.name);
    const group = h("div", { class: "tv-tick-group" }, row, name);
    if (asBar) row.append(this.bar(pass));
    else for (let i = pass.first; i < pass.last; i++) row.append(this.tick(i + 1));
    this.bars.push({ pass, group, fill: row.querySelector(".tv-tick-fill") });
    return group;
  }

  tick(step) {
    const { rule } = this.trace.events[step - 1];
    const element = h("button", {
      type: "button",
      class: "tv-tick",
      tabindex: -1,
      title: `${step}: ${rule}`,
      "aria-label": `rewrite ${step}, ${rule}`,
      onclick: () => this.go(step),
    });
    this.ticks.push([step, element]);
    return element;
  }

  bar(pass) {
    const at = (event) => {
      const frame = event.currentTarget.getBoundingClientRect(),
        part = (event.clientX - frame.left) / frame.width;
      this.go(Math.min(pass.last, pass.first + 1 + Math.floor(part * (pass.last - pass.first))));
    };
    return h(
      "button",
      {
        type: "button",
        class: "tv-tick-bar",
        tabindex: -1,
        "aria-label": `${pass.name}, ${plural(pass.last - pass.first, "rewrite")}`,
        onclick: at,
      },
      h("span", { class: "tv-tick-fill" }),
    );
  }

  /** @param {number} step @param {Set<number> | null} wanted steps that pass the filter; null for all */
  show(step, wanted) {
    for (const [k, element] of this.ticks) {
      element.className = `tv-tick ${k < step ? "done" : k === step ? "cur" : ""} ${wanted && !wanted.has(k) ? "out" : ""}`;
      element.setAttribute("aria-current", k === step ? "step" : "false");
    }
    for (const { pass, group, fill } of this.bars) {
      const on = step > pass.first && step <= pass.last;
      group.classList.toggle("on", on);
      if (fill) fill.style.width = `${Math.max(0, Math.min(1, (step - pass.first) / (pass.last - pass.first))) * 100}%`;
      if (on) scrollAcross(this.element, group);
    }
  }
}
