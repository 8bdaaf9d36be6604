// Places boxes and routes edges. The same algorithm, with the same numbers, as tensorviz/render/layout: read its description
// there. Tests hold both to the same answers.
import { orderRanks, partsOf } from "./order.js";
import { bandsOf, placeAcross } from "./place.js";
import { makeGraph, rankBoxes } from "./ranks.js";
import { routeEdges } from "./routes.js";
import { placeSeeded } from "./seed.js";

const [BOX_BOX, BOX_BEND, BEND_BEND, PARTS] = [16, 12, 10, 32];

/**
 * @typedef {{id: string, w: number, h: number, below?: number, right?: number}} LayoutBox
 * @typedef {{x: Map<string, number>, y: Map<string, number>, rank: Map<string, number>, bends: Map<string, number>,
 *   bands: number[][], routes: number[][][], frame: number[]}} Layout
 */

/**
 * Place boxes on ranks and route edges between them; with a `seed`, what it holds stays where it is.
 * @param {LayoutBox[]} boxes @param {[string, string, string][]} edges source, target, lane
 * @param {number} gap @param {Layout | null} seed @returns {Layout}
 */
export function layout(boxes, edges, gap = 18, seed = null) {
  const ids = boxes.map((box) => box.id),
    number = new Map(ids.map((id, i) => [id, i]));
  const links = /** @type {[number, number, string][]} */ (edges.map(([u, v, lane]) => [number.get(u), number.get(v), lane]));
  const wish = seed && ids.map((id) => (seed.rank.has(id) ? seed.rank.get(id) : null));
  const graph = makeGraph(rankBoxes(boxes.length, links, wish), links, ids);
  const distance = distancesOf(boxes, seed ? null : partsOf(graph));
  let x;
  if (seed) {
    x = fromSeed(graph, ids, seed, distance);
  } else {
    x = placeAcross(graph, orderRanks(graph), distance);
    const left = boxes.reduce((m, box, i) => Math.min(m, x[i] - box.w / 2), boxes.length ? Infinity : 0);
    x = x.map((value) => value - left);
  }
  const bands = bandsFor(graph, boxes, x, gap, seed ? seed.bands : []);
  const routes = routeEdges(
    links,
    graph,
    x,
    boxes.map((b) => b.w),
    boxes.map((b) => b.h),
    bands,
  );
  return {
    x: new Map(ids.map((id, i) => [id, x[i]])),
    y: new Map(ids.map((id, i) => [id, bands[graph.rank[i]][1]])),
    rank: new Map(ids.map((id, i) => [id, graph.rank[i]])),
    bends: new Map(graph.keys.map((key, i) => [key, x[boxes.length + i]])),
    bands,
    routes,
    frame: frameOf(boxes, x, bands, graph, routes),
  };
}

/** The least distance of the centres of two vertices, the second right of the first. */
function distancesOf(boxes, part) {
  const count = boxes.length;
  const halfWidth = (v) => Math.floor(boxes[v].w / 2);
  return (a, b) => {
    if (a >= count && b >= count) return BEND_BEND;
    const space = a >= count || b >= count ? BOX_BEND : part === null || part[a] === part[b] ? BOX_BOX : PARTS;
    return (a < count ? halfWidth(a) + (boxes[a].right || 0) : 0) + space + (b < count ? halfWidth(b) : 0);
  };
}

function fromSeed(graph, ids, seed, distance) {
  const get = (map, key) => (map.has(key) ? map.get(key) : null);
  const wish = graph.rank.map((_, v) => (v < ids.length ? get(seed.x, ids[v]) : get(seed.bends, graph.keys[v - ids.length])));
  const kept = graph.rank.map((r, v) => {
    const stays = v >= ids.length || (seed.rank.get(ids[v]) === r && seed.y.has(ids[v]));
    return stays ? wish[v] : null;
  });
  return placeSeeded(graph, kept, wish, distance);
}

function bandsFor(graph, boxes, x, gap, old) {
  let count = 0;
  for (const r of graph.rank) count = Math.max(count, r + 1);
  const heights = Array.from({ length: count }, () => [0, 0]),
    slant = new Array(count).fill(0);
  boxes.forEach((box, i) => {
    const pair = heights[graph.rank[i]];
    pair[0] = Math.max(pair[0], box.h / 2);
    pair[1] = Math.max(pair[1], box.h / 2 + (box.below || 0));
  });
  graph.down.forEach((down, v) => {
    for (const w of down) slant[graph.rank[v]] = Math.max(slant[graph.rank[v]], Math.abs(x[v] - x[w]));
  });
  return bandsOf(heights, slant, gap, old);
}

function frameOf(boxes, x, bands, graph, routes) {
  if (!boxes.length) return [0, 0, 0, 0];
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  boxes.forEach((box, i) => {
    const band = bands[graph.rank[i]];
    left = Math.min(left, x[i] - box.w / 2);
    right = Math.max(right, x[i] + box.w / 2 + (box.right || 0));
    top = Math.min(top, band[0]);
    bottom = Math.max(bottom, band[2]);
  });
  for (const route of routes) {
    for (const [px] of route) {
      left = Math.min(left, px);
      right = Math.max(right, px);
    }
  }
  return [left, top, right, bottom];
}
