// Which nodes are drawn as one. Mirrors render/groups.py.

import { cardOf, MANY, regionText, sharedSets } from "./fit.js";
import { brief, clipped } from "./names.js";

/** @typedef {{name: string, members: string[], kernel: string, key?: string, text?: string}} Group */

/**
 * Groups with at least two nodes, so that the groups together form no cycle.
 * @param {import("./trace.js").Diff} scene @param {string} how none, kernel, path, runs or auto
 * @param {number} limit @param {any[]} kernels @returns {Group[]}
 */
export function groupNodes(scene, how, limit, kernels) {
  if (how === "none" || (how === "auto" && scene.nodes.size <= limit)) return [];
  if (how === "kernel") return splitGroups(scene, new Map(kernels.flatMap((k) => k.nodes.map((n) => [n, [k.id, k.name]]))), true);
  if (how === "path") return splitGroups(scene, byPath(scene));
  if (how === "runs") return splitGroups(scene, byRun(scene));
  let left = scene.nodes.size,
    groups = [];
  for (const labels of [byPath(scene), byRun(scene)]) {
    const found = splitGroups(scene, labels),
      size = scene.nodes.size - found.reduce((n, g) => n + g.members.length - 1, 0);
    if (size < left) [groups, left] = [found, size];
    if (left <= limit) return groups;
  }
  return slices(scene, limit);
}

/**
 * The cards of the regions that are closed; one that would close a cycle makes several.
 * @param {import("./trace.js").Diff} scene @param {import("./fit.js").Fit} found @returns {Group[]}
 */
export function closedRegions(scene, found) {
  const labels = new Map(),
    pieces = new Map();
  for (const id of scene.nodes.keys()) {
    const card = cardOf(found, id);
    if (card) labels.set(id, [card, found.regions.get(card).name]);
  }
  const groups = splitGroups(scene, labels).map((group) => {
    const [key] = labels.get(group.members[0]),
      piece = (pieces.get(key) || 0) + 1;
    pieces.set(key, piece);
    const whole = group.members.length === found.regions.get(key).members.length;
    return {
      ...group,
      key: piece === 1 ? key : `${key}#${piece}`,
      text: whole ? regionText(found, key, scene.nodes) : "",
    };
  });
  const many = sharedSets(scene, found).filter(({ readers, leaves }) => readers.length > 1 && leaves.length >= MANY);
  const nameOf = (id) => scene.nodes.get(id).name || "shared";
  const bundle = ({ leaves }, i) => ({
    name: `${nameOf(leaves[0])} to ${nameOf(leaves[leaves.length - 1])}`,
    members: leaves,
    kernel: "",
    key: `/shared#${i + 1}`,
    text: `${leaves.length} shared`,
  });
  return [...groups, ...many.map(bundle)];
}

function byPath(scene) {
  const labels = new Map();
  for (const [id, node] of scene.nodes) {
    const path = node.group || [];
    if (path.length && node.kind === "op") labels.set(id, [path[0], path[0]]);
  }
  return labels;
}

/** A node joins its only reader if both are of one family: trees, so nothing can close a cycle. */
function byRun(scene) {
  const readers = new Map(),
    labels = new Map();
  for (const edge of scene.edges) {
    if (!readers.has(edge.from)) readers.set(edge.from, new Set());
    readers.get(edge.from).add(edge.to);
  }
  for (const id of [...scene.nodes.keys()].reverse()) {
    const node = scene.nodes.get(id);
    if (node.kind !== "op") continue;
    labels.set(id, [id, node.family]);
    const mine = readers.get(id);
    if (!mine || mine.size !== 1) continue;
    const [reader] = mine;
    if (scene.nodes.get(reader).family === node.family && labels.has(reader)) labels.set(id, labels.get(reader));
  }
  return labels;
}

function slices(scene, limit) {
  const ids = [...scene.nodes.keys()],
    size = Math.ceil(ids.length / Math.max(1, Math.floor(limit / 4))),
    out = [];
  for (let i = 0; i < ids.length; i += size)
    out.push({ name: `part ${i / size + 1}${said(scene, ids.slice(i, i + size))}`, members: ids.slice(i, i + size), kernel: "" });
  return out.filter((g) => g.members.length > 1);
}

/** What a slice holds: the group that most of it is of, else the names in it, else its commonest ops. */
function said(scene, ids) {
  const ops = ids.map((id) => scene.nodes.get(id)).filter((n) => n.kind === "op"),
    [group, size] = commonest(ops.filter((n) => n.group?.length).map((n) => n.group[0]))[0] || ["", 0],
    named = ops.filter((n) => n.name).map((n) => clipped(n.name, 14));
  if (2 * size > ops.length) return `: ${clipped(group, 20)}`;
  if (named.length) return `: ${named[0]}${named.at(-1) === named[0] ? "" : ` to ${named.at(-1)}`}`;
  const common = commonest(ops.map((n) => brief(n.op))).slice(0, 2);
  return common.length ? `: ${common.map(([op]) => op).join(", ")}` : "";
}

/** Words by how often they are there, the first of equals first. @param {string[]} words @returns {[string, number][]} */
function commonest(words) {
  const found = new Map();
  for (const word of words) found.set(word, (found.get(word) || 0) + 1);
  return [...found].sort((a, b) => b[1] - a[1]);
}

/** Groups from labels [key, name]; a label whose nodes would close a cycle makes several groups. */
function splitGroups(scene, labels, isKernel = false) {
  let pieces = new Map();
  for (const id of scene.nodes.keys()) {
    if (!labels.has(id)) continue;
    const [key, name] = labels.get(id);
    if (!pieces.has(key)) pieces.set(key, [{ name, members: [], kernel: isKernel ? key : "" }]);
    pieces.get(key)[0].members.push(id);
  }
  if (!acyclic(scene, new Map([...labels].map(([id, [key]]) => [id, key])))) pieces = levelled(scene, labels, isKernel);
  return [...pieces.values()].flat().filter((g) => g.members.length > 1);
}

function acyclic(scene, part) {
  const of = (id) => (part.has(id) ? part.get(id) : id),
    links = new Map(),
    waiting = new Map();
  for (const id of scene.nodes.keys()) waiting.set(of(id), 0);
  for (const edge of scene.edges) {
    const u = of(edge.from),
      v = of(edge.to);
    if (!links.has(u)) links.set(u, new Set());
    if (u === v || links.get(u).has(v)) continue;
    links.get(u).add(v);
    waiting.set(v, waiting.get(v) + 1);
  }
  const ready = [...waiting].filter(([, n]) => !n).map(([id]) => id);
  let seen = 0;
  while (ready.length) {
    seen += 1;
    for (const v of links.get(ready.pop()) || []) {
      waiting.set(v, waiting.get(v) - 1);
      if (!waiting.get(v)) ready.push(v);
    }
  }
  return seen === waiting.size;
}

/** Pieces with levels that rise along every edge between them. */
function levelled(scene, labels, isKernel) {
  const inputs = new Map(),
    pieces = new Map(),
    level = new Map(),
    last = new Map();
  for (const edge of scene.edges) inputs.set(edge.to, [...(inputs.get(edge.to) || []), edge.from]);
  for (const id of scene.nodes.keys()) {
    const [key, name] = labels.get(id) || [id, ""];
    if (!pieces.has(key)) pieces.set(key, []);
    const mine = pieces.get(key);
    let least = 0;
    for (const i of inputs.get(id) || []) {
      if (!level.has(i)) continue;
      const same = (labels.get(i) || [i])[0] === key && level.get(i)[1] === mine.length - 1;
      least = Math.max(least, level.get(i)[0] + (same ? 0 : 1));
    }
    if (!mine.length || least > last.get(key)) {
      mine.push({ name, members: [], kernel: isKernel ? key : "" });
      last.set(key, Math.max(least, last.get(key) || 0));
    }
    mine[mine.length - 1].members.push(id);
    level.set(id, [last.get(key), mine.length - 1]);
  }
  return pieces;
}

/** The nodes within `ranks` edges of those in `around`, in both directions. @returns {Set<string>} */
export function neighbourhood(scene, around, ranks = 2) {
  const links = new Map(),
    link = (a, b) => (links.has(a) ? links.get(a).push(b) : links.set(a, [b]));
  for (const edge of scene.edges) {
    link(edge.from, edge.to);
    link(edge.to, edge.from);
  }
  const found = new Set([...around].filter((id) => scene.nodes.has(id)));
  let edge = [...found];
  for (let i = 0; i < ranks; i++) {
    edge = [...new Set(edge.flatMap((id) => links.get(id) || []))].filter((id) => !found.has(id));
    for (const id of edge) found.add(id);
  }
  return found;
}
