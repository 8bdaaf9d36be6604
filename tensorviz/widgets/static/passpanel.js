// What the inspector says of a pass: counts of changes, rules with hits and times, what it is compared with.
import { broken, button, h, kbd } from "./dom.js";
import { CHANGE_SIGNS, CHANGE_WORDS } from "./figures.js";
import { count, seconds, sentence } from "./format.js";

/**
 * @typedef {{index: number, base: number, compared: boolean, counts: Record<string, number>, written: Record<string, number>,
 *   madeBy: string}} PassState
 *   `base`: the pass after which the left side is taken; `written`: of the counts those that are constants inside their readers;
 *   `madeBy`: the rule that made the selected node
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
  const steps = stepsBetween(trace, state.base, state.index);
  return [
    h("h4", null, state.compared ? `${passName(trace, state.base)} → ${name}` : name),
    h("p", { class: "tv-doc" }, pass ? docOf(trace, state) : "The graph as you wrote it."),
    pills.length ? h("div", { class: "tv-pills" }, pills) : hint(trace, state.index, actions.goTo),
    writtenText(state.written),
    rulesTable(trace, steps, state.madeBy, actions),
    pass ? compareChoice(trace, state, actions) : null,
  ];
}

/** Numbers (from 0) of the first rewrite between two passes and of the one after the last, whichever pass is the later. */
export function stepsBetween(trace, base, index) {
  const ends = [trace.stepAfter(base), trace.stepAfter(index)];
  return [Math.min(...ends), Math.max(...ends)];
}

/** Which of what changed has no box of its own. */
function writtenText(written) {
  const kinds = Object.keys(written).filter((k) => written[k]),
    words = kinds.map((k) => `${count(written[k])} ${CHANGE_WORDS[k]}`).join(", "),
    one = kinds.length === 1 && written[kinds[0]] === 1;
  if (!words) return null;
  return h("p", { class: "tv-dim tv-written" }, `${words}: ${one ? "a constant inside its" : "constants inside their"} readers`);
}

/** What the pass is for; of passes far from each other which ones lie between them. */
function docOf(trace, { base, index }) {
  const [low, high] = [Math.min(base, index), Math.max(base, index)],
    between = trace.passes.slice(low + 1, high + 1),
    busy = between.filter((p) => p.last > p.first).map((p) => p.name);
  if (between.length === 1 && index > base) return sentence(between[0].doc);
  const words = busy.length ? `What ${busy.join(", ")} did` : "Nothing changed between these passes";
  return `${words}${index < base ? ", undone" : ""}.`;
}

/** The name of a pass by index. */
export function passName(trace, index) {
  return index < 0 ? "as written" : trace.passes[index].name;
}

/** The rules by name with their hits and seconds, those that took longest first. */
function rulesOf(trace, first, last) {
  const rules = new Map();
  for (const pass of trace.passes) {
    if (pass.last <= pass.first || pass.first < first || pass.last > last) continue;
    for (const [name, [hits, took]] of Object.entries(pass.rules)) {
      const known = rules.get(name) || [0, 0];
      rules.set(name, [known[0] + hits, known[1] + took]);
    }
  }
  return [...rules].sort((a, b) => b[1][1] - a[1][1] || b[1][0] - a[1][0]);
}

function rulesTable(trace, [first, last], madeBy, actions) {
  const rules = rulesOf(trace, first, last);
  if (!rules.length) return null;
  const head = h("tr", null, h("th", null, "Rule"), h("th", { class: "r" }, "Hits"), h("th", { class: "r" }, "Took"));
  const rows = rules.map(([name, [hits, took]]) => {
    const go = () => {
      const made = trace.events.find((e, i) => i >= first && i < last && e.rule === name);
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
