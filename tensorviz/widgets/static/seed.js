// Step 6 of the layout: start from an earlier one, so that what stays does not move. Mirrors render/layout/seed.py.
import { byRank } from "./order.js";
import { apartIn, half, isotonic } from "./place.js";

const REACH = 160;
const BEYOND = 1e300;

/**
 * `kept` vertices stay at their x; the others go to the nearest free place near their wish.
 * @param {import("./ranks.js").LayoutGraph} graph @param {(number|null)[]} kept @param {(number|null)[]} wish
 * @param {(a: number, b: number) => number} distance
 */
export function placeSeeded(graph, kept, wish, distance) {
  const x = kept.map((k) => (k === null ? 0 : k)),
    placed = kept.map((k) => k !== null);
  for (const members of byRank(graph.rank)) {
    const rank = members.filter((v) => placed[v]).sort((a, b) => x[a] - x[b]);
    part(rank, x, distance);
    for (const v of members) if (!placed[v]) insert(graph, v, rank, x, placed, wanted(graph, v, wish[v], x, placed), distance);
  }
  return x;
}

/** Old vertices may have grown: make room where they would touch. */
function part(rank, x, distance) {
  const row = apartIn(rank, distance);
  if (row.every((space, i) => x[rank[i + 1]] - x[rank[i]] >= space)) return;
  spread(
    rank,
    isotonic(
      rank.map((v) => x[v]),
      rank.map(() => 1),
      row,
    ),
    row,
    x,
  );
}

function wanted(graph, v, wish, x, placed) {
  if (wish !== null) return half(wish);
  for (const around of [graph.up[v], graph.down[v]]) {
    let total = 0,
      known = 0;
    for (const w of around) {
      if (!placed[w]) continue;
      total += x[w];
      known += 1;
    }
    if (known) return half(total / known);
  }
  return 0;
}

function insert(graph, v, rank, x, placed, wish, distance) {
  let best = null,
    slot = 0;
  for (let i = 0; i <= rank.length; i++) {
    const least = i ? x[rank[i - 1]] + distance(rank[i - 1], v) : -BEYOND;
    const most = i < rank.length ? x[rank[i]] - distance(v, rank[i]) : BEYOND;
    if (least > most) continue;
    const at = Math.min(Math.max(wish, least), most);
    if (best === null || Math.abs(at - wish) < Math.abs(best - wish)) [best, slot] = [at, i];
  }
  placed[v] = true;
  if (best !== null && Math.abs(best - wish) <= REACH) {
    x[v] = best;
    rank.splice(slot, 0, v);
    return;
  }
  slot = rank.reduce((n, w) => n + (x[w] < wish ? 1 : 0), 0);
  x[v] = wish;
  rank.splice(slot, 0, v);
  const row = apartIn(rank, distance);
  spread(
    rank,
    isotonic(
      rank.map((w) => x[w]),
      rank.map((w) => (w === v ? 1 : 20)),
      row,
    ),
    row,
    x,
  );
}

function spread(rank, values, row, x) {
  rank.forEach((v, i) => {
    x[v] = i ? Math.max(half(values[i]), x[rank[i - 1]] + row[i - 1]) : half(values[i]);
  });
}
