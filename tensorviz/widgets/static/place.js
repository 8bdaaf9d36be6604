// Steps 4 and 5 of the layout: coordinates across and down. Mirrors render/layout/place.py.

const ROUNDS = 6;
const STRAIGHTENINGS = 8;
const SLANT = 14;
const CHAIN = 8;
const EDGE_OF_WORLD = 1e300;

/** Round to a whole number, halves up: the same in both languages. @param {number} value */
export const half = (value) => Math.floor(value + 0.5);

/** Least distances between neighbours of a rank. @param {number[]} rank @param {(a: number, b: number) => number} distance */
export function apartIn(rank, distance) {
  const row = [];
  for (let i = 0; i + 1 < rank.length; i++) row.push(distance(rank[i], rank[i + 1]));
  return row;
}

/** Positions nearest to `targets` (weighted least squares) that keep `distances[i]` between i and i + 1. */
export function isotonic(targets, weights, distances) {
  const values = [],
    masses = [],
    sizes = [],
    shifts = [];
  let shift = 0;
  for (let i = 0; i < targets.length; i++) {
    if (i) shift += distances[i - 1];
    shifts.push(shift);
    let value = targets[i] - shift,
      mass = weights[i],
      size = 1;
    while (values.length && values[values.length - 1] > value) {
      const before = values.pop(),
        its = masses.pop();
      value = (before * its + value * mass) / (its + mass);
      mass += its;
      size += sizes.pop();
    }
    values.push(value);
    masses.push(mass);
    sizes.push(size);
  }
  const out = new Array(targets.length);
  let at = 0;
  for (let k = 0; k < values.length; k++)
    for (let n = sizes[k]; n > 0; n--) {
      out[at] = values[k] + shifts[at];
      at += 1;
    }
  return out;
}

/** The x of each vertex. @param {import("./ranks.js").LayoutGraph} graph @param {number[][]} ranks */
export function placeAcross(graph, ranks, distance) {
  const before = chainParents(graph),
    x = new Array(graph.rank.length).fill(0);
  const apart = ranks.map((rank) => apartIn(rank, distance));
  ranks.forEach((rank, r) => {
    let at = -apart[r].reduce((a, b) => a + b, 0) / 2;
    rank.forEach((v, i) => {
      x[v] = at;
      at += i < apart[r].length ? apart[r][i] : 0;
    });
  });
  for (let turn = 0; turn < ROUNDS; turn++) {
    const both = turn >= 2;
    for (let r = 0; r < ranks.length; r++) settle(graph, ranks[r], apart[r], x, before, true, both);
    for (let r = ranks.length - 1; r >= 0; r--) settle(graph, ranks[r], apart[r], x, before, both, true);
  }
  ranks.forEach((rank, r) =>
    rank.forEach((v, i) => {
      x[v] = i ? Math.max(half(x[v]), x[rank[i - 1]] + apart[r][i - 1]) : half(x[v]);
    }),
  );
  straighten(graph, ranks, apart, x, before);
  return x;
}

/** The vertex right above which each vertex should stand, or -1. */
function chainParents(graph) {
  const main = graph.down.map((down, v) => {
    const boxes = down.filter((w) => w < graph.boxes),
      bends = down.filter((w) => w >= graph.boxes);
    if (v >= graph.boxes && bends.length) return bends[0];
    if (boxes.length === 1) return boxes[0];
    return !boxes.length && bends.length === 1 ? bends[0] : -1;
  });
  return graph.up.map((up, v) => {
    const takers = up.filter((u) => main[u] === v);
    const inner = takers.filter((u) => u < graph.boxes && graph.up[u].length);
    if (takers.length === 1 && (up.length === 1 || graph.up[takers[0]].length)) return takers[0];
    return inner.length === 1 ? inner[0] : -1;
  });
}

function settle(graph, rank, row, x, before, upper, lower) {
  const targets = [],
    weights = [];
  for (const v of rank) {
    let total = 0,
      mass = 0;
    if (upper || !graph.down[v].length) {
      for (const u of graph.up[v]) {
        const weight = before[v] === u ? CHAIN : 1;
        total += weight * x[u];
        mass += weight;
      }
    }
    if (lower || !graph.up[v].length) {
      for (const w of graph.down[v]) {
        const weight = before[w] === v ? CHAIN : 1;
        total += weight * x[w];
        mass += weight;
      }
    }
    targets.push(mass ? total / mass : x[v]);
    weights.push(mass || 0.5);
  }
  const values = isotonic(targets, weights, row);
  for (let i = 0; i < rank.length; i++) x[rank[i]] = values[i];
}

function straighten(graph, ranks, apart, x, before) {
  const left = new Array(x.length).fill(-1),
    right = left.slice(),
    room = new Array(x.length).fill(0),
    after = left.slice();
  ranks.forEach((rank, r) =>
    apart[r].forEach((space, i) => {
      right[rank[i]] = rank[i + 1];
      left[rank[i + 1]] = rank[i];
      room[rank[i]] = space;
    }),
  );
  before.forEach((u, v) => {
    if (u >= 0) after[u] = v;
  });
  const tops = ranks.flat().filter((v) => before[v] < 0);
  for (let turn = 0; turn < STRAIGHTENINGS; turn++) {
    for (let i = 0; i < tops.length; i++) {
      let v = tops[turn % 2 === 0 ? i : tops.length - 1 - i];
      while (v >= 0) v = moveRun(graph, v, after, x, left, right, room);
    }
  }
}

/**
 * Put the longest straight run of a chain that fits, from `start` on, in its best place; returns where the next one starts,
 * or -1.
 */
function moveRun(graph, start, after, x, left, right, room) {
  let lowest = -EDGE_OF_WORLD,
    highest = EDGE_OF_WORLD,
    at = start;
  const run = [];
  while (at >= 0) {
    const least = left[at] >= 0 ? x[left[at]] + room[left[at]] : -EDGE_OF_WORLD;
    const most = right[at] >= 0 ? x[right[at]] - room[at] : EDGE_OF_WORLD;
    if (Math.max(least, lowest) > Math.min(most, highest)) break;
    lowest = Math.max(least, lowest);
    highest = Math.min(most, highest);
    run.push(at);
    at = after[at];
  }
  const inside = new Set(run);
  let total = 0,
    mass = 0;
  for (const v of run) {
    for (const links of [graph.up[v], graph.down[v]]) {
      for (const w of links) {
        if (inside.has(w)) continue;
        const weight = graph.up[w].length || !graph.up[v].length ? 1 : 0.25;
        total += weight * x[w];
        mass += weight;
      }
    }
  }
  const wish = Math.min(Math.max(mass ? half(total / mass) : x[run[0]], lowest), highest);
  for (const v of run) x[v] = wish;
  return at;
}

/** `[top, middle, bottom]` of each rank; old bands stay if they are high enough. */
export function bandsOf(heights, slant, gap, old = []) {
  const out = [];
  let push = 0;
  heights.forEach(([above, below], r) => {
    if (r < old.length) {
      const [top, middle, bottom] = old[r].map((value) => value + push);
      const more = Math.max(above - (middle - top), 0),
        low = Math.max(below - (bottom - middle), 0);
      out.push([top, middle + more, bottom + more + low]);
      push += more + low;
      return;
    }
    const top = r ? out[r - 1][2] + gap + Math.min(SLANT, Math.floor(Math.max(slant[r - 1] - 40, 0) / 20)) : 0;
    out.push([top, top + above, top + above + below]);
  });
  return out;
}
