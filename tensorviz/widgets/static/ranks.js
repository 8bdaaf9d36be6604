// Steps 1 and 2 of the layout: ranks of boxes, bends of long edges. Mirrors render/layout/ranks.py line by line.

const BENDS = 20000;

/**
 * @typedef {{boxes: number, rank: number[], up: number[][], down: number[][], keys: string[], paths: (number[]|null)[]}}
 *   LayoutGraph
 * @typedef {[number, number, string]} Link
 */

const lists = (n) => Array.from({ length: n }, () => /** @type {number[]} */ ([]));

/** Inputs and readers of each box, without repeats, in edge order. @param {number} count @param {Link[]} edges */
function neighboursOf(count, edges) {
  const parents = lists(count),
    children = lists(count),
    seen = new Set();
  for (const [u, v] of edges) {
    const key = u * count + v;
    if (u === v || seen.has(key)) continue;
    seen.add(key);
    parents[v].push(u);
    children[u].push(v);
  }
  return [parents, children];
}

/** Boxes in topological order, first in, first out; a cycle is opened at its lowest box. */
function kahn(parents, children) {
  const count = parents.length;
  const waiting = parents.map((p) => p.length);
  const placed = waiting.map((w) => !w);
  const order = [];
  for (let v = 0; v < count; v++) if (!waiting[v]) order.push(v);
  let head = 0,
    lowest = 0;
  while (order.length < count || head < order.length) {
    if (head === order.length) {
      while (placed[lowest]) lowest += 1;
      placed[lowest] = true;
      order.push(lowest);
    }
    for (const c of children[order[head++]]) {
      waiting[c] -= 1;
      if (!waiting[c] && !placed[c]) {
        placed[c] = true;
        order.push(c);
      }
    }
  }
  return order;
}

const isNone = (value) => value === null || value === undefined;

/**
 * The rank of each box; `wish` holds the ranks to keep where that is possible.
 * @param {number} count @param {Link[]} edges @param {(number|null)[] | null} wish
 */
export function rankBoxes(count, edges, wish = null) {
  let [parents, children] = neighboursOf(count, edges);
  const order = kahn(parents, children);
  const place = new Array(count).fill(0);
  order.forEach((v, i) => {
    place[v] = i;
  });
  parents = parents.map((list, v) => list.filter((p) => place[p] < place[v]));
  children = children.map((list, v) => list.filter((c) => place[c] > place[v]));
  const [rank, floats] = downwards(order, parents, children, wish);
  for (let i = order.length - 1; i >= 0; i--) {
    const v = order[i];
    if (!(wish === null || isNone(wish[v])) || !children[v].length) continue;
    const firm = parents[v].reduce((n, p) => n + (floats[p] ? 0 : 1), 0);
    if (firm < children[v].length) rank[v] = Math.max(rank[v], children[v].reduce((m, c) => Math.min(m, rank[c]), Infinity) - 1);
  }
  if (wish !== null || !rank.length) return rank;
  const least = rank.reduce((m, r) => Math.min(m, r), Infinity);
  return rank.map((r) => r - least);
}

function downwards(order, parents, children, wish) {
  const rank = new Array(order.length).fill(0),
    floats = new Array(order.length).fill(false);
  for (const v of order) {
    let old = wish === null || isNone(wish[v]) ? null : wish[v];
    if (old === null && wish !== null && !parents[v].length) {
      const kept = children[v].map((c) => wish[c]).filter((w) => !isNone(w));
      old = kept.length ? Math.min(...kept) - 1 : 0;
    }
    rank[v] = parents[v].reduce((m, p) => Math.max(m, rank[p] + 1), Math.max(old || 0, 0));
    floats[v] = parents[v].every((p) => floats[p]) && (!parents[v].length || children[v].length <= 1);
  }
  return [rank, floats];
}

/**
 * Vertices and links with one trunk of bends for each source and lane.
 * @param {number[]} rank
 * @param {Link[]} edges
 * @param {string[]} ids
 * @returns {LayoutGraph}
 */
export function makeGraph(rank, edges, ids) {
  const count = rank.length,
    longest = longestRouted(rank, edges);
  const graph = { boxes: count, rank: rank.slice(), up: lists(count), down: lists(count), keys: [], paths: [] };
  const lowest = new Map(),
    trunks = new Map();
  for (const [u, v, lane] of edges) {
    const span = rank[v] - rank[u],
      key = `${u}|${lane}`;
    if (span <= 1 || span > longest) continue;
    const known = lowest.get(key);
    if (known) known.last = Math.max(known.last, rank[v]);
    else lowest.set(key, { u, lane, last: Math.max(0, rank[v]) });
  }
  for (const [key, { u, lane, last }] of lowest) {
    const trunk = [];
    let before = u;
    for (let r = rank[u] + 1; r < last; r++) {
      const bend = graph.rank.length;
      graph.rank.push(r);
      graph.up.push([]);
      graph.down.push([]);
      graph.keys.push(`${ids[u]}|${lane}|${r}`);
      link(graph, before, bend);
      trunk.push(bend);
      before = bend;
    }
    trunks.set(key, trunk);
  }
  for (const [u, v, lane] of edges) {
    const span = rank[v] - rank[u];
    if (span < 1 || span > longest) {
      graph.paths.push(null);
      continue;
    }
    const bends = span > 1 ? trunks.get(`${u}|${lane}`).slice(0, span - 1) : [];
    graph.paths.push([u, ...bends, v]);
    link(graph, bends.length ? bends[bends.length - 1] : u, v);
  }
  return graph;
}

function link(graph, u, v) {
  if (graph.down[u].includes(v)) return;
  graph.down[u].push(v);
  graph.up[v].push(u);
}

function longestRouted(rank, edges) {
  const spans = new Map();
  let longest = 1;
  for (const [u, v, lane] of edges) {
    const span = rank[v] - rank[u];
    if (span <= 1) continue;
    const key = `${u}|${lane}`;
    if (!spans.has(key)) spans.set(key, new Set());
    spans.get(key).add(span);
    longest = Math.max(longest, span);
  }
  while (longest > 1) {
    let bends = 0;
    for (const group of spans.values()) {
      let most = 0;
      for (const span of group) if (span <= longest) most = Math.max(most, span - 1);
      bends += most;
    }
    if (bends <= BENDS) break;
    longest = Math.floor(longest / 2);
  }
  return longest;
}
