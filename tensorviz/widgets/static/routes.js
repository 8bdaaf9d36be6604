// Step 7 of the layout: where edges leave and enter boxes, and the points between. Mirrors render/layout/routes.py.
import { isotonic } from "./place.js";

const INSET = 12;

const halfPixel = (value) => Math.floor(value * 2 + 0.5) / 2;

/** The x where each edge enters its target, ordered by where it comes from. */
function inPorts(edges, graph, x, widths) {
  const entering = new Map(),
    port = new Array(edges.length).fill(0);
  edges.forEach(([, v], e) => (entering.has(v) ? entering.get(v).push(e) : entering.set(v, [e])));
  const origin = (e) => x[graph.paths[e] ? graph.paths[e][graph.paths[e].length - 2] : edges[e][0]];
  for (const [v, mine] of entering) {
    mine.sort((a, b) => origin(a) - origin(b));
    const step = Math.min(widths[v] > 130 ? 34 : 22, widths[v] / (mine.length + 0.6));
    mine.forEach((e, i) => {
      port[e] = halfPixel(x[v] + (i - (mine.length - 1) / 2) * step);
    });
  }
  return port;
}

/** The x where each edge leaves its source: above where it goes; edges into one trunk share it. */
function outPorts(edges, graph, x, widths, entry) {
  const leaving = new Map(),
    port = new Array(edges.length).fill(0);
  edges.forEach(([u], e) => {
    const path = graph.paths[e],
      hop = path && path[1] >= graph.boxes ? path[1] : -1 - e;
    if (!leaving.has(u)) leaving.set(u, new Map());
    const hops = leaving.get(u);
    hops.set(hop, [...(hops.get(hop) || []), e]);
  });
  for (const [u, hops] of leaving) {
    let low = x[u] - widths[u] / 2 + INSET,
      high = x[u] + widths[u] / 2 - INSET;
    if (low > high) low = high = x[u];
    const wish = [...hops].map(([hop, mine]) => [Math.min(Math.max(hop >= 0 ? x[hop] : entry[mine[0]], low), high), mine]);
    wish.sort((a, b) => a[0] - b[0]);
    const last = wish.length - 1,
      step = last ? Math.min(8, (high - low) / last) : 0;
    const at = isotonic(
      wish.map((w) => w[0]),
      wish.map(() => 1),
      new Array(last).fill(step),
    );
    wish.forEach(([, mine], i) => {
      const value = Math.min(Math.max(at[i], low + i * step), high - (last - i) * step);
      for (const e of mine) port[e] = halfPixel(value);
    });
  }
  return port;
}

/** The points of each edge, from the bottom of the source to the top of the target. @returns {number[][][]} */
export function routeEdges(edges, graph, x, widths, heights, band) {
  const entry = inPorts(edges, graph, x, widths),
    leave = outPorts(edges, graph, x, widths, entry);
  return edges.map(([u, v], e) => {
    const path = graph.paths[e],
      [ru, rv] = [graph.rank[u], graph.rank[v]];
    const points = [[leave[e], band[ru][1] + heights[u] / 2]];
    if (path) {
      points.push([leave[e], band[ru][2]]);
      for (const bend of path.slice(1, -1))
        points.push([x[bend], band[graph.rank[bend]][0]], [x[bend], band[graph.rank[bend]][2]]);
      points.push([entry[e], band[rv][0]]);
    }
    points.push([entry[e], band[rv][1] - heights[v] / 2]);
    return simplified(points);
  });
}

function simplified(points) {
  const out = [];
  for (const point of points) {
    const last = out[out.length - 1],
      before = out[out.length - 2];
    if (last && last[0] === point[0] && last[1] === point[1]) continue;
    if (before && last[0] === point[0] && before[0] === point[0]) out.pop();
    out.push(point);
  }
  return out;
}
