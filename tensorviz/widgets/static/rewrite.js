// One rewrite as two small graphs: what matched, what came, and a ring of neighbours. Pure: no page, no widget.
import { draw } from "./drawing.js";
import { neighbourhood } from "./groups.js";
import { coverOf, framesAround } from "./viewport.js";
import { ADDED, REMOVED, REWIRED, sideScene, unionDiff } from "./trace.js";

const MOST_READERS = 4; // of one node, beyond those that the rule is about
const MOST_RING = 40;

/** Ids that a rewrite is about: matched, new, bound. */
export function subjects(event) {
  const bound = event.bindings.map((b) => b.id).filter(Boolean);
  return {
    bound: new Set(bound),
    all: new Set([...event.before, ...event.after, ...bound, event.root, event.result].filter(Boolean)),
  };
}

/** The part of a diff within `keep`. @returns {import("./trace.js").Diff} */
export function onlyNodes(diff, keep) {
  return {
    ...diff,
    nodes: new Map([...diff.nodes].filter(([id]) => keep.has(id))),
    edges: diff.edges.filter((e) => keep.has(e.from) && keep.has(e.to)),
  };
}

/** Neighbours to show, and for nodes with many readers how many are left out. */
export function ringOf(diff, centre, ring) {
  const readers = new Map();
  for (const edge of diff.edges) {
    if (!centre.has(edge.from) || centre.has(edge.to)) continue;
    if (!readers.has(edge.from)) readers.set(edge.from, new Set());
    readers.get(edge.from).add(edge.to);
  }
  const skipped = new Set(),
    more = new Map();
  for (const [id, mine] of readers) {
    const changed = [...mine].filter((r) => diff.changes.get(r)),
      rest = [...mine].filter((r) => !diff.changes.get(r));
    const room = Math.max(0, MOST_READERS - changed.length);
    if (rest.length <= room) continue;
    for (const reader of rest.slice(room)) skipped.add(reader);
    more.set(id, rest.length - room);
  }
  const open = { ...diff, edges: diff.edges.filter((e) => !(skipped.has(e.to) && centre.has(e.from))) };
  const keep = new Set(centre);
  for (let r = 1; r <= ring; r++) {
    const wider = neighbourhood(open, centre, r);
    if (r > 1 && wider.size > MOST_RING + centre.size) break;
    for (const id of wider) keep.add(id);
  }
  for (const id of [...keep])
    for (const i of diff.nodes.get(id)?.inputs || []) if (diff.nodes.get(i)?.kind === "constant") keep.add(i);
  return { keep, more };
}

/**
 * Both sides of event number `step` (from 1) on one map.
 * @param {import("./trace.js").Trace} trace @param {number} step @param {number} ring how far around the match
 */
export function rewriteScenes(trace, step, ring) {
  const event = trace.events[step - 1],
    before = trace.stateAt(step - 1),
    after = trace.stateAt(step);
  const diff = unionDiff(before, after),
    { bound, all } = subjects(event);
  const centre = new Set([...event.before, ...event.after, event.root, event.result].filter((id) => diff.nodes.has(id)));
  const { keep, more } = ringOf(diff, centre, ring);
  for (const id of [...all, ...diff.changes.keys()]) keep.add(id);
  const local = onlyNodes(diff, keep),
    options = { group: "none", tall: false, total: diff.nodes.size };
  const { flow, figures } = draw(trace, local, options),
    matters = (id) => centre.has(id) || bound.has(id) || diff.changes.has(id),
    about = framesAround(figures.filter((f) => f.members.some(matters))),
    heart = framesAround(figures.filter((f) => f.members.includes(event.result)));
  const matched = new Set([...event.before, ...bound]);
  const side = (state, marks, blue) => {
    const scene = withoutLoose(sideScene(local, state, marks)),
      drawing = draw(trace, scene, { ...options, seed: flow, matched: blue, more });
    return { ...drawing, about, heart };
  };
  const sides = [side(before, [REMOVED], matched), side(after, [ADDED, REWIRED], bound)],
    frame = coverOf([flow.frame, ...sides.map((s) => s.flow.frame)]);
  for (const s of sides) s.flow = { ...s.flow, frame };
  return {
    event,
    diff,
    bound,
    centre,
    before: shaded(sides[0], all, event, bound),
    after: shaded(sides[1], new Set([...all, ...diff.changes.keys()]), event, bound),
  };
}

/** Without constants that nothing on this side reads. @param {import("./trace.js").Diff} scene */
function withoutLoose(scene) {
  const read = new Set(scene.edges.map((e) => e.from));
  return { ...scene, nodes: new Map([...scene.nodes].filter(([id, node]) => node.kind !== "constant" || read.has(id))) };
}

/** Pale what is only there for context; tint the edges inside the match; say which node a variable stands for. */
function shaded(drawing, about, event, bound) {
  const byKey = new Map(drawing.figures.map((f) => [f.key, f])),
    isAbout = (f) => f.members.some((m) => about.has(m)) || Boolean(f.change);
  for (const figure of drawing.figures) figure.pale = figure.pale || !isAbout(figure);
  const notes = [];
  for (const link of drawing.links) {
    const [a, b] = [byKey.get(link.source), byKey.get(link.target)];
    link.pale = !link.change && (a.pale || b.pale);
    link.match = !link.change && !link.pale && a.matched && b.matched;
  }
  for (const binding of event.bindings) {
    const figure = drawing.figures.find((f) => f.id === binding.id && !f.repeats) || null;
    const links = drawing.links.filter((l) => figure && l.source === figure.key);
    const leaving = links.find((l) => !l.pale) || links[0];
    if (!binding.name || !leaving || notes.some((n) => n.text === binding.name)) continue;
    const [[x, y], [next]] = leaving.points;
    notes.push({ text: binding.name, x, y, side: next > x ? -1 : 1 });
  }
  return { ...drawing, notes };
}

/**
 * Numbers (from 1) of the events that pass a filter.
 * @param {import("./trace.js").Trace} trace
 * @param {{rule?: string, pass?: number, node?: string}} filter
 */
export function filteredSteps(trace, filter) {
  const history = filter.node ? new Set(trace.historyOf(filter.node)) : null,
    pass = Number.isInteger(filter.pass) ? trace.passes[filter.pass] : null,
    out = [];
  trace.events.forEach((event, i) => {
    if (filter.rule && event.rule !== filter.rule) return;
    if (history && !history.has(i)) return;
    if (pass && (i < pass.first || i >= pass.last)) return;
    out.push(i + 1);
  });
  return out;
}

/** The nearest step of `steps` after (by = 1) or before (by = -1) `step`; `step` itself if there is none. */
export function nextStep(steps, step, by) {
  const beyond = steps.filter((s) => (by > 0 ? s > step : s < step));
  return beyond.length ? beyond[by > 0 ? 0 : beyond.length - 1] : step;
}
