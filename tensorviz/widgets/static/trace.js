// The trace as the browser reads it: decode, walk from state to state, compare two states.
// Mirrors tensorviz/render/trace.py; nothing here draws.

/**
 * @typedef {{id: string, op: string, family: string, kind: string, inputs: string[], param: string, dtype: string,
 *   shape: (number|null)[], name: string, value: string, text: string, mathml: string, doc: string, origins: number[],
 *   made_by: string, gradient_of: string, group: string[], aliases: string[], flops: number, bytes: number, seconds:
 * number}} TraceNode
 * @typedef {{nodes: Map<string, TraceNode>, outputs: string[]}} State
 * @typedef {{from: string, to: string, port: number, change: string}} DiffEdge
 * @typedef {{nodes: Map<string, TraceNode>, changes: Map<string, string>, edges: DiffEdge[], outputs: string[],
 *   counts: Record<string, number>}} Diff
 */

const TRACE_SCHEMA = 1;
const CACHED_STATES = 24;

/** How a node or an edge differs between two states; also the class names it is drawn with. */
export const KEPT = "",
  ADDED = "add",
  REMOVED = "rem",
  REWIRED = "chg";

/** Inflate gzip bytes and parse the JSON inside. @param {Uint8Array | DataView | ArrayBuffer} data */
export async function inflate(data) {
  const view = data instanceof ArrayBuffer ? new Uint8Array(data) : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const stream = new Blob([view]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

/** Rows from one list a field. @param {Record<string, any[]>} columns @returns {any[]} */
export function rows(columns) {
  const names = Object.keys(columns || {});
  if (!names.length) return [];
  return columns[names[0]].map((_, i) => Object.fromEntries(names.map((name) => [name, columns[name][i]])));
}

/** A compilation: records, passes, events, and the state of the graph after any number of events. */
export class Trace {
  /** @param {any} data the JSON of `Trace.to_json` */
  constructor(data) {
    if (!data || data.schema !== TRACE_SCHEMA) throw new Error(`This is not a tensorviz trace of schema ${TRACE_SCHEMA}.`);
    Object.assign(this, data);
    for (const name of ["records", "origins", "passes", "kernels", "buffers", "builds"]) this[name] = rows(data[name]);
    /** @type {Map<number, State>} */
    this.cache = new Map();
  }

  /** @param {Uint8Array | DataView | ArrayBuffer} bytes gzip JSON */
  static async decode(bytes) {
    return new Trace(await inflate(bytes));
  }

  /** The graph after `step` events; 0 is as written. Steps out of range are brought into it. @returns {State} */
  stateAt(step) {
    const target = Math.max(0, Math.min(step, this.events.length));
    const cached = this.cache.get(target);
    if (cached) return cached;
    let from = 0;
    for (const known of this.cache.keys()) if (known < target && known > from) from = known;
    const start = this.cache.get(from) || this.initialState();
    const state = { nodes: new Map(start.nodes), outputs: start.outputs };
    for (let i = from; i < target; i++) this.applyEvent(this.events[i], state);
    if (this.cache.size >= CACHED_STATES) this.cache.delete(this.cache.keys().next().value);
    this.cache.set(target, state);
    return state;
  }

  /** @returns {State} */
  initialState() {
    return { nodes: new Map(this.initial.map((i) => [this.records[i].id, this.records[i]])), outputs: this.outputs.slice() };
  }

  /** Change a state in place by one event. */
  applyEvent(event, state) {
    for (const i of event.removed)
      if (state.nodes.get(this.records[i].id) === this.records[i]) state.nodes.delete(this.records[i].id);
    for (const i of event.added) state.nodes.set(this.records[i].id, this.records[i]);
    if (event.outputs) state.outputs = event.outputs.slice();
  }

  /** Number of events after pass `index`; -1 is the graph as written. */
  stepAfter(index) {
    return index < 0 || !this.passes.length ? 0 : this.passes[Math.min(index, this.passes.length - 1)].last;
  }

  /** Index of the pass that event number `event` (from 0) belongs to; -1 if none. */
  passOf(event) {
    return this.passes.findIndex((p) => event >= p.first && event < p.last);
  }

  /** Where a node was written, the latest place first. @param {TraceNode} node */
  originsOf(node) {
    return (node.origins || []).map((i) => this.origins[i]).filter(Boolean);
  }

  /** Numbers (from 0) of the events that matched, made, rewired or removed a node. @param {string} id */
  historyOf(id) {
    const found = [];
    this.events.forEach((event, i) => {
      const touched =
        event.before.includes(id) ||
        event.after.includes(id) ||
        event.root === id ||
        event.result === id ||
        event.added.some((r) => this.records[r].id === id) ||
        event.removed.some((r) => this.records[r].id === id);
      if (touched) found.push(i);
    });
    return found;
  }

  /** Whether any state holds a node of this id. @param {string} id */
  knows(id) {
    this.ids ||= new Set(this.records.map((r) => r.id));
    return this.ids.has(id);
  }
}

/** Names of the outputs by node id. @returns {Map<string, string[]>} */
export function outputNames(trace, state) {
  const names = new Map();
  state.outputs.forEach((id, i) => names.set(id, [...(names.get(id) || []), trace.output_names[i] || ""]));
  return names;
}

/** Ids of the nodes that read each node. @param {State} state @returns {Map<string, string[]>} */
export function readersOf(state) {
  const readers = new Map();
  for (const node of state.nodes.values())
    for (const id of new Set(node.inputs)) readers.set(id, [...(readers.get(id) || []), node.id]);
  return readers;
}

/**
 * Both states in one graph: what is only in `after` is added, only in `before` removed; a node whose direct inputs
 * differ is rewired; what lies further down stays the same.
 * @param {State} before @param {State} after @returns {Diff}
 */
export function unionDiff(before, after) {
  const changes = new Map(),
    all = new Map(after.nodes),
    edges = new Map();
  for (const [id, node] of after.nodes) {
    const old = before.nodes.get(id);
    if (!old) changes.set(id, ADDED);
    else if (old !== node && !(sameList(old.inputs, node.inputs) && old.op === node.op && old.param === node.param))
      changes.set(id, REWIRED);
  }
  for (const [id, node] of before.nodes) {
    if (all.has(id)) continue;
    all.set(id, node);
    changes.set(id, REMOVED);
  }
  for (const id of all.keys()) edges.set(id, diffEdges(id, before.nodes.get(id), after.nodes.get(id)));
  const counts = { [ADDED]: 0, [REMOVED]: 0, [REWIRED]: 0 };
  for (const kind of changes.values()) counts[kind] += 1;
  const outputs = [...after.outputs, ...before.outputs.filter((o) => !after.outputs.includes(o))];
  const order = [...inputsFirst(edges, outputs)].filter((id) => all.has(id));
  return {
    nodes: new Map(order.map((id) => [id, all.get(id)])),
    changes,
    edges: order.flatMap((id) => edges.get(id)),
    outputs,
    counts,
  };
}

/**
 * One side of a diff as a scene of its own, in the same order: nodes as they are in `state`, marked where the change is one
 * of `marks`.
 * @param {Diff} diff @param {State} state @param {string[]} marks @returns {Diff}
 */
export function sideScene(diff, state, marks) {
  const nodes = new Map([...diff.nodes.keys()].filter((id) => state.nodes.has(id)).map((id) => [id, state.nodes.get(id)]));
  const changes = new Map([...diff.changes].filter(([id, change]) => marks.includes(change) && nodes.has(id)));
  const mark = new Map(diff.edges.map((e) => [`${e.to}|${e.from}|${e.port}`, e.change]));
  const changeOf = (from, to, port) => {
    const change = mark.get(`${to}|${from}|${port}`) || KEPT;
    return marks.includes(change) ? change : KEPT;
  };
  const edges = [...nodes.values()].flatMap((node) =>
    node.inputs.map((from, port) => ({ from, to: node.id, port, change: changeOf(from, node.id, port) })),
  );
  return { ...diff, nodes, changes, edges: edges.filter((e) => nodes.has(e.from)), outputs: state.outputs };
}

function diffEdges(id, old, now) {
  if (!old || !now || old === now)
    return (now || old).inputs.map((from, port) => ({ from, to: id, port, change: now ? (old ? KEPT : ADDED) : REMOVED }));
  const edges = [],
    left = old.inputs.slice();
  now.inputs.forEach((from, port) => {
    const at = left.indexOf(from);
    if (at >= 0) left[at] = "";
    edges.push({ from, to: id, port, change: at >= 0 ? KEPT : ADDED });
  });
  left.forEach((from, port) => from && edges.push({ from, to: id, port, change: REMOVED }));
  return edges;
}

/** Inputs before readers where that is possible: two states together may hold a cycle. */
function inputsFirst(reads, outputs) {
  const done = new Set(),
    open = new Set();
  for (const root of [...outputs, ...reads.keys()]) {
    const stack = [root];
    while (stack.length) {
      const top = stack[stack.length - 1];
      const waiting =
        done.has(top) || open.has(top)
          ? []
          : (reads.get(top) || [])
              .map((e) => e.from)
              .filter((i) => reads.has(i) && !done.has(i) && !open.has(i))
              .reverse();
      open.add(top);
      if (waiting.length) stack.push(...waiting);
      else done.add(stack.pop());
    }
  }
  return done;
}

function sameList(a, b) {
  return a.length === b.length && a.every((x, i) => x === b[i]);
}
