// What the inspector says of a pass: counts of changes, rules with hits and times, what it is compared with.
import { broken, button, h, kbd } from "./dom.js";
import { CHANGE_SIGNS, CHANGE_WORDS } from "./figures.js";
import { count, seconds, sentence } from "./format.js";

/**
 * @typedef {{index: number, base: number, compared: boolean, counts: Record<string, number>, madeBy: string}} PassState
 *   `base`: the pass after which the left side is taken; `madeBy`: the rule that made the selected node
 * @typedef {{compare: (base: number) => void, goTo: (index: number) => void, stepInside: () => void, select: (id: string) => void}} PassActions
 */

/**
 * The panel of one pass; index -1 is the graph as written.
 * @param {import("./trace.js").Trace} trace
 * @param {PassState} state
 * @param {PassActions} actions
 */
export function passPanel(trace, state, actions) {
  const pass = trace.passes[state.index];
  const pills = Object.keys(state.counts)
    .filter((k) => state.counts[k])
    .map((k) => h("span", { class: `tv-pill ${k}` }, `${CHANGE_SIGNS[k]} ${count(state.counts[k])} ${CHANGE_WORDS[k]}`));
  const name = passName(trace, state.index);
  return [
    h("h4", null, state.compared ? `${passName(trace, state.base)} → ${name}` : name),
    h("p", { class: "tv-doc" }, pass ? sentence(pass.doc) : "The graph as you wrote it."),
    pills.length ? h("div", { class: "tv-pills" }, pills) : hint(trace, state.index, actions.goTo),
    pass ? rulesTable(trace, pass, state.madeBy, actions) : null,
    pass ? compareChoice(trace, state, actions) : null,
  ];
}

/** The name of a pass by index. */
export function passName(trace, index) {
  return index < 0 ? "as written" : trace.passes[index].name;
}

function rulesTable(trace, pass, madeBy, actions) {
  const rules = Object.entries(pass.rules).sort((a, b) => b[1][1] - a[1][1] || b[1][0] - a[1][0]);
  if (!rules.length) return null;
  const head = h("tr", null, h("th", null, "Rule"), h("th", { class: "r" }, "Hits"), h("th", { class: "r" }, "Took"));
  const rows = rules.map(([name, [hits, took]]) => {
    const go = () => {
      const made = trace.events.find((e, i) => i >= pass.first && i < pass.last && e.rule === name);
      if (made) actions.select(made.result);
    };
    const onkeydown = (event) => {
      if (event.key !== "Enter") return;
      event.stopPropagation();
      go();
    };
    const row = { class: name === madeBy ? "on" : null, tabindex: 0, title: "Select what the rule made", onclick: go, onkeydown };
    return h(
      "tr",
      row,
      h("td", { class: "tv-mono" }, broken(name)),
      h("td", { class: "r" }, count(hits)),
      h("td", { class: "r" }, seconds(took)),
    );
  });
  return [
    h("table", { class: "tv-table tv-rules" }, h("thead", null, head), h("tbody", null, rows)),
    h("button", { class: "tv-btn wide tv-step-inside", type: "button", onclick: actions.stepInside }, "Step inside ", kbd("↵")),
  ];
}

/** Any two passes can be compared. */
function compareChoice(trace, state, actions) {
  const options = [-1, ...trace.passes.keys()].filter((index) => index !== state.index);
  const choose = (event) => actions.compare(Number(event.target.value));
  return h(
    "label",
    { class: "tv-compare tv-dim" },
    "Compared with ",
    h(
      "select",
      { onchange: choose },
      options.map((index) => h("option", { value: index, selected: index === state.base }, passName(trace, index))),
    ),
  );
}

/** What to do where nothing changed. */
function hint(trace, index, goTo) {
  const next = trace.passes.findIndex((p, i) => i > index && p.last > p.first);
  const words = index < 0 ? "" : "No rewrites in this pass. ";
  if (next < 0) return h("p", { class: "tv-dim" }, words);
  const link = button(trace.passes[next].name, () => goTo(next), { kind: "link" });
  return h("p", { class: "tv-dim" }, `${words}Next pass with changes: `, link);
}
