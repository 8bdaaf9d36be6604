// Closes groups of a graph until the rest fits on a screen. Mirrors render/fit.py.

export const MANY = 4; // shared values with the same readers that are worth a card
const LEAST = 2; // operations that are worth a card
const TRIES = 60; // extents that are worked out at most
const CYCLE = 1_000_000;

/**
 * @typedef {{key: string, name: string, parent: string, members: string[], children: string[], changes: number}} Region
 * @typedef {{regions: Map<string, Region>, paths: Map<string, string[]>, opened: Set<string>}} Fit
 */

/** Key of the closed region that shows a node, "" if it is shown itself. @param {Fit} found @param {string} id */
export const cardOf = (found, id) => (found.paths.get(id) || []).find((key) => !found.opened.has(key)) || "";

/** Key of the innermost open region that holds a node, "" if there is none. @param {Fit} found @param {string} id */
export const openAround = (found, id) =>
  (found.paths.get(id) || []).filter((key) => found.opened.has(key)).pop() || "";

/** How much is in a region: "7 nodes", or "4 × 4 nodes" where its parts are alike. */
export function regionText(found, key, nodes) {
  const region = found.regions.get(key),
    parts = region.children.map((c) => found.regions.get(c).members.map((m) => nodes.get(m).op).sort());
  const alike = parts.every((p) => JSON.stringify(p) === JSON.stringify(parts[0])),
    all = parts.reduce((n, p) => n + p.length, 0);
  if (parts.length > 1 && alike && all === region.members.length) return `${parts.length} × ${parts[0].length} nodes`;
  return `${region.members.length} nodes`;
}

/**
 * Open as many regions as leave at most `room` (boxes, ranks, boxes on a rank), an eighth more for what changed, which
 * comes first; `opened` and `closed` stay so.
 * @param {import("./trace.js").Diff} scene @param {number[]} room @param {string[]} opened @param {string[]} closed
 * @returns {Fit}
 */
export function fitRegions(scene, room, opened = [], closed = []) {
  const found = regionsOf(scene),
    shut = new Set(closed);
  for (let key of opened)
    while (found.regions.has(key)) {
      found.opened.add(key);
      key = found.regions.get(key).parent;
    }
  let tries = TRIES,
    waiting = [...found.regions.values()].filter((r) => !r.parent).map((r) => r.key);
  while (waiting.length) {
    waiting.sort((a, b) => found.regions.get(b).changes - found.regions.get(a).changes);
    const key = waiting.shift(),
      region = found.regions.get(key);
    if (!found.opened.has(key)) {
      if (shut.has(key) || !tries) continue;
      found.opened.add(key);
      const [boxes, ranks, across] = room.map((n) => (region.changes ? n + Math.floor(n / 8) : n));
      let fits = boxesOf(scene, found) <= boxes;
      if (fits) {
        tries -= 1;
        const extent = extentOf(scene, found);
        fits = extent[0] <= ranks && extent[1] <= across;
      }
      if (!fits) {
        found.opened.delete(key);
        continue;
      }
    }
    waiting = [...waiting, ...region.children];
  }
  return found;
}

/** @returns {Fit} */
function regionsOf(scene) {
  const regions = new Map();
  for (const [id, node] of scene.nodes) {
    let key = "";
    for (const part of node.kind === "op" ? node.group || [] : []) {
      const parent = key;
      key = `${key}/${part}`;
      if (!regions.has(key)) regions.set(key, { key, name: part, parent, members: [], children: [], changes: 0 });
      regions.get(key).members.push(id);
    }
  }
  const number = new Map([...scene.nodes.keys()].map((id, i) => [id, i])),
    inputs = Array.from(number, () => /** @type {number[]} */ ([]));
  for (const edge of scene.edges) inputs[number.get(edge.to)].push(number.get(edge.from));
  for (const region of regions.values()) makeConvex(region, number, inputs);
  for (const key of [...regions.values()].filter((r) => !worth(r, regions)).map((r) => r.key)) {
    const { parent } = regions.get(key);
    regions.delete(key);
    for (const region of regions.values()) if (region.parent === key) region.parent = parent;
  }
  const paths = new Map();
  for (const region of regions.values()) {
    region.changes = region.members.filter((m) => scene.changes.has(m)).length;
    if (region.parent) regions.get(region.parent).children.push(region.key);
    for (const id of region.members) paths.set(id, [...(paths.get(id) || []), region.key]);
  }
  return { regions, paths, opened: new Set() };
}

/** Whether a card for it saves something; one that is all of its parent does not. */
function worth(region, regions) {
  const parent = regions.get(region.parent);
  return region.members.length >= LEAST && (!parent || parent.members.length > region.members.length);
}

/** Leave out what would close a cycle around the card. Nodes are numbers here: this runs over all of them, often. */
function makeConvex(region, number, inputs) {
  const count = inputs.length,
    [OUTSIDE, LATE] = [1, 2]; // below the region and not in it; in it, below what is outside
  while (region.members.length >= LEAST) {
    const inside = new Uint8Array(count),
      below = new Uint8Array(count);
    let late = 0,
      first = count;
    for (const id of region.members) {
      inside[number.get(id)] = 1;
      first = Math.min(first, number.get(id));
    }
    for (let v = first; v < count; v++)
      for (const i of inputs[v]) {
        if (inside[v] ? !below[i] : !inside[i] && below[i] !== OUTSIDE) continue;
        below[v] = inside[v] ? LATE : OUTSIDE;
        late += inside[v];
        break;
      }
    if (!late) return;
    const back = new Uint8Array(count), // outside it, above what is late
      early = new Uint8Array(count);
    let soon = 0;
    for (let v = count - 1; v >= first; v--) {
      if (below[v] !== LATE && !back[v]) continue;
      for (const i of inputs[v]) {
        if (below[i] === OUTSIDE) back[i] = 1;
        else if (back[v] && inside[i] && below[i] !== LATE && !early[i]) soon += early[i] = 1;
      }
    }
    const gone = soon && soon <= late ? early : below.map((b) => Number(b === LATE));
    region.members = region.members.filter((m) => !gone[number.get(m)]);
  }
}

/** How many boxes are drawn: operations, cards, and leaves that are not in one card alone. */
function boxesOf(scene, found) {
  const cards = new Set(),
    drawn = new Set();
  let boxes = 0;
  for (const [id, node] of scene.nodes) {
    if (node.kind !== "op") continue;
    const card = cardOf(found, id);
    if (card) cards.add(card);
    else boxes += 1;
  }
  for (const edge of scene.edges) {
    const node = scene.nodes.get(edge.from);
    if (node.kind !== "op" && (node.shape.length || node.kind !== "constant")) drawn.add(edge.from);
  }
  for (const { readers, leaves } of sharedSets(scene, found))
    boxes -= readers.length === 1 ? leaves.length : leaves.length >= MANY ? leaves.length - 1 : 0;
  return boxes + cards.size + drawn.size;
}

/**
 * Shared values that only cards read, by those cards: they are in the one, or many with the same readers are one card.
 * @returns {{readers: string[], leaves: string[]}[]}
 */
export function sharedSets(scene, found) {
  const readers = new Map(),
    sets = new Map();
  for (const edge of scene.edges) {
    if (scene.nodes.get(edge.from).kind !== "shared") continue;
    if (!readers.has(edge.from)) readers.set(edge.from, new Set());
    readers.get(edge.from).add(cardOf(found, edge.to));
  }
  for (const id of scene.nodes.keys()) {
    if (!readers.has(id) || readers.get(id).has("")) continue;
    const mine = [...readers.get(id)].sort(),
      key = JSON.stringify(mine);
    if (!sets.has(key)) sets.set(key, { readers: mine, leaves: [] });
    sets.get(key).leaves.push(id);
  }
  return [...sets.values()];
}

/** Ranks of operations and cards, very many if they form a cycle; the most of them on one rank, but for what floats. */
function extentOf(scene, found) {
  const unit = new Map(),
    below = new Map(),
    waiting = new Map();
  for (const [id, node] of scene.nodes) if (node.kind === "op") unit.set(id, cardOf(found, id) || id);
  for (const u of unit.values()) {
    below.set(u, new Set());
    waiting.set(u, 0);
  }
  for (const edge of scene.edges) {
    const u = unit.get(edge.from),
      v = unit.get(edge.to);
    if (!u || !v || u === v || below.get(u).has(v)) continue;
    below.get(u).add(v);
    waiting.set(v, waiting.get(v) + 1);
  }
  let rank = [...waiting].filter(([, n]) => !n).map(([u]) => u),
    depth = 0,
    across = 0,
    seen = 0;
  while (rank.length) {
    const following = [];
    depth += 1;
    seen += rank.length;
    for (const u of rank)
      for (const v of below.get(u)) {
        waiting.set(v, waiting.get(v) - 1);
        if (!waiting.get(v)) following.push(v);
      }
    rank = following;
    across = Math.max(across, rank.length);
  }
  return [seen === below.size ? depth : CYCLE, across];
}
