// What can be found and listed in the rewrite stepper: rewrites, and nodes.
import { wordsOf } from "./figures.js";
import { placeText } from "./inspector.js";
import { matcher, searchText } from "./search.js";

/**
 * Rewrites by rule, formula and the line they come from; then nodes by op, name and line.
 * @param {any} view the stepper @param {string} query
 */
export function findInRewrites(view, query) {
  const test = matcher(query),
    { trace } = view,
    byId = new Map(trace.records.map((r) => [r.id, r]));
  const lineOf = (event) => (byId.has(event.root) ? searchText(trace, byId.get(event.root)) : "");
  const boundIn = (event) => event.bindings.map((b) => b.text);
  const textOf = (event) => [event.rule, view.formulaOf(event), event.source, lineOf(event), ...boundIn(event)];
  const rules = trace.events.flatMap((event, i) => {
    if (!test(textOf(event).join(" "))) return [];
    return [{ id: String(i + 1), label: `${i + 1}  ${event.rule}`, detail: view.formulaOf(event), go: () => view.goTo(i + 1) }];
  });
  const nodes = [...byId.values()].filter((node) => test(searchText(trace, node)));
  return [...rules, ...nodes.map((node) => nodeItem(view, node))];
}

function nodeItem(view, node) {
  const [origin] = view.trace.originsOf(node);
  return {
    id: node.id,
    label: view.nameOf(node.id),
    detail: ["node", origin ? placeText(origin) : ""].filter(Boolean).join(", "),
    go: () => view.show(node.id),
  };
}

/** The nodes of both graphs (of the first while the answer is hidden), then all rewrites. @param {any} view the stepper */
export function listOfRewrite(view) {
  const graphs = view.hiding ? [view.before] : [view.before, view.after],
    boxes = new Map(graphs.flatMap((g) => g.drawing.boxes.map((b) => [b.key, b])));
  const nodes = [...boxes.values()].filter((b) => !b.key.includes("@"));
  return [
    ...nodes.map((b) => ({ id: b.id, label: wordsOf(b), go: () => view.show(b.id) })),
    ...view.trace.events.map((event, i) => ({
      id: String(i + 1),
      label: `${i + 1}, ${event.rule}, ${view.formulaOf(event)}`,
      go: () => view.goTo(i + 1),
    })),
  ];
}
