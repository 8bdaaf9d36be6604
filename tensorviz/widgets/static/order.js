// Step 3 of the layout: the order of vertices within their ranks. Mirrors render/layout/order.py.

const SWEEPS = 10;
const SWAPS = 4;
const SWAP_LIMIT = 4000;

/** The connected part of each vertex, numbered by its lowest vertex. @param {import("./ranks.js").LayoutGraph} graph */
export function partsOf(graph) {
  const part = new Array(graph.rank.length).fill(-1);
  for (let start = 0; start < part.length; start++) {
    if (part[start] >= 0) continue;
    part[start] = start;
    const stack = [start];
    while (stack.length) {
      const v = stack.pop();
      for (const links of [graph.up[v], graph.down[v]]) {
        for (const w of links) {
          if (part[w] >= 0) continue;
          part[w] = start;
          stack.push(w);
        }
      }
    }
  }
  return part;
}

/** The vertices of each rank in vertex order. @param {number[]} rank */
export function byRank(rank) {
  let count = 0;
  for (const r of rank) count = Math.max(count, r + 1);
  const ranks = Array.from({ length: count }, () => /** @type {number[]} */ ([]));
  rank.forEach((r, v) => ranks[r].push(v));
  return ranks;
}

/** The vertices of each rank from left to right. @param {import("./ranks.js").LayoutGraph} graph */
export function orderRanks(graph) {
  const ranks = byRank(graph.rank),
    part = partsOf(graph),
    place = new Float64Array(graph.rank.length),
    key = new Float64Array(graph.rank.length);
  for (const rank of ranks) {
    rank.sort((a, b) => part[a] - part[b]);
    number(rank, place);
  }
  let best = ranks.map((rank) => rank.slice()),
    fewest = crossings(ranks, graph, place);
  for (let sweep = 0; sweep < SWEEPS && fewest; sweep++) {
    const down = sweep % 2 === 0;
    for (let i = 0; i < ranks.length; i++) sortRank(ranks[down ? i : ranks.length - 1 - i], graph, place, part, down, key);
    const count = crossings(ranks, graph, place);
    if (count < fewest) [best, fewest] = [ranks.map((rank) => rank.slice()), count];
  }
  for (const rank of best) number(rank, place);
  if (fewest && graph.rank.length <= SWAP_LIMIT) swapNeighbours(best, graph, place, part);
  return best;
}

function number(rank, place) {
  const middle = (rank.length - 1) / 2;
  rank.forEach((v, i) => {
    place[v] = i - middle;
  });
}

function sortRank(rank, graph, place, part, down, key) {
  const [first, second] = down ? [graph.up, graph.down] : [graph.down, graph.up];
  for (const v of rank) {
    const around = first[v].length ? first[v] : second[v];
    let total = 0;
    for (const w of around) total += place[w];
    key[v] = around.length ? total / around.length : place[v];
  }
  rank.sort((a, b) => part[a] - part[b] || key[a] - key[b]);
  number(rank, place);
}

/** How often links cross, summed over neighbouring ranks (a Fenwick tree over the lower rank). */
function crossings(ranks, graph, place) {
  let total = 0;
  for (let r = 0; r + 1 < ranks.length; r++) {
    const lower = ranks[r + 1].length,
      offset = (lower - 1) / 2,
      tree = new Int32Array(lower + 1),
      ends = [];
    let drawn = 0;
    for (const u of ranks[r]) {
      const down = graph.down[u];
      ends.length = 0;
      for (let i = 0; i < down.length; i++) ends.push(Math.trunc(place[down[i]] + offset));
      if (ends.length > 1) ends.sort((a, b) => a - b);
      for (let k = 0; k < ends.length; k++) {
        let before = 0;
        for (let i = ends[k] + 1; i > 0; i -= i & -i) before += tree[i];
        total += drawn - before;
      }
      for (let k = 0; k < ends.length; k++) for (let i = ends[k] + 1; i <= lower; i += i & -i) tree[i] += 1;
      drawn += ends.length;
    }
  }
  return total;
}

function swapNeighbours(ranks, graph, place, part) {
  for (let round = 0; round < SWAPS; round++) {
    let better = false;
    for (const rank of ranks) {
      for (let i = 0; i + 1 < rank.length; i++) {
        const a = rank[i],
          b = rank[i + 1];
        if (part[a] !== part[b]) continue;
        const now = crossingsOf(graph.up, place, a, b) + crossingsOf(graph.down, place, a, b);
        const then = crossingsOf(graph.up, place, b, a) + crossingsOf(graph.down, place, b, a);
        if (then >= now) continue;
        [rank[i], rank[i + 1]] = [b, a];
        [place[a], place[b]] = [place[b], place[a]];
        better = true;
      }
    }
    if (!better) break;
  }
}

function crossingsOf(links, place, left, right) {
  let count = 0;
  for (const v of links[left]) for (const w of links[right]) if (place[v] > place[w]) count += 1;
  return count;
}
