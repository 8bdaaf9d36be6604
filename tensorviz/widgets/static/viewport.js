// Where one looks: pan and zoom as three numbers. Pure, so that culling and hits are tested without a browser.

const LEAST_SCALE = 0.04;
const MOST_SCALE = 3;
const ALMOST = 0.86; // of the scale at which one sees what a drawing is about: then one sees all of it
const WHOLE = 0.84; // of the least scale at which a drawing can be read, if one has all that matters in view then

/** @typedef {{x: number, y: number, k: number}} Camera screen = world * k + (x, y) */

/** Keep a scale in its limits. @param {number} k */
export const clampScale = (k) => Math.min(MOST_SCALE, Math.max(LEAST_SCALE, k));

/**
 * The camera that shows `frame` (left, top, right, bottom) whole, centred across, never larger than `most`; `top` is what a
 * caption takes.
 * @param {number[]} frame @param {number} width @param {number} height @returns {Camera}
 */
export function fitCamera(frame, width, height, { most = 1.1, margin = 22, top = 0 } = {}) {
  const w = Math.max(1, frame[2] - frame[0]),
    h = Math.max(1, frame[3] - frame[1]),
    room = height - top;
  const k = clampScale(Math.min(most, (width - 2 * margin) / w, (room - 2 * margin) / h));
  const y = Math.min((room - h * k) / 2, Math.max(margin, (room - h * k) / 3));
  return { k, x: (width - w * k) / 2 - frame[0] * k, y: top + y - frame[1] * k };
}

/**
 * The first view: all of a drawing if it can be read at `least` or larger; else what it is `about`, as large as that allows (a
 * little smaller still, to have it whole); of what is too large for that the part around its `heart`, else the top, where most
 * of it stands. Where what it is about is to be `entire`, it is, however small; all is, where that is hardly smaller.
 * @param {{frame: number[], boxes: any[], heart?: number[] | null}} drawing @param {number[] | null} about
 * @param {{width: number, height: number, top?: number, most?: number, least?: number, entire?: boolean}} pane
 * @returns {Camera}
 */
export function firstView({ frame, boxes, heart = null }, about, pane) {
  const { width, height, top = 0, most = 1.1, least = 0.75, entire = false } = pane,
    margin = 22,
    all = fitCamera(frame, width, height, { most, top });
  if (all.k >= least) return all;
  const near = about ? fitCamera(about, width, height, { most: 1, top, margin: entire ? margin : 14 }).k : 0,
    k = near >= least * WHOLE || (entire && about) ? near : least;
  if (entire && all.k >= ALMOST * k) return all;
  const [across, down] = [(width - 2 * margin) / k, (height - top - 2 * margin) / k];
  const part = about || [frame[0], frame[1], Infinity, frame[1]];
  let y = startOf(frame[1], frame[3], part[1], part[3], down);
  if (y === null) y = heart ? Math.max(part[1], Math.min(heart[1], heart[3] - down)) : part[1];
  const row = boxes.filter((b) => b.y >= y && b.y <= y + down);
  const x =
    startOf(frame[0], frame[2], part[0], part[2], across) ??
    (heart ? startOf(frame[0], frame[2], heart[0], heart[2], across) : null) ??
    fullest(row, across, about, (frame[0] + frame[2]) / 2);
  return { k, x: margin - x * k, y: top + margin - y * k };
}

/** Where a window of `size` starts in low..high so that from..to is in it, in the middle if may be; null if it is too small. */
function startOf(low, high, from, to, size) {
  if (high - low <= size) return (low + high - size) / 2;
  if (to - from > size + 0.01) return null;
  return Math.min(Math.max((from + to - size) / 2, low), high - size);
}

/** Where a window of `size` starts to hold the most of a row of boxes, those inside `about` first; nearest to `middle`. */
function fullest(row, size, about, middle) {
  const sorted = row.slice().sort((a, b) => a.x - b.x),
    weight = (b) => (about && overlap(boxFrame(b), about) ? 3 : 1);
  let best = middle - size / 2,
    most = 0,
    first = 0,
    held = 0;
  for (const last of sorted) {
    held += weight(last);
    for (; last.x + last.w / 2 - (sorted[first].x - sorted[first].w / 2) > size && sorted[first] !== last; first++)
      held -= weight(sorted[first]);
    const start = (sorted[first].x - sorted[first].w / 2 + last.x + last.w / 2 - size) / 2,
      nearer = Math.abs(start + size / 2 - middle) < Math.abs(best + size / 2 - middle);
    if (held > most || (held === most && nearer)) [best, most] = [start, held];
  }
  return best;
}

/**
 * The camera moved as little as needed to have `frame` in view; null if it is too large for that at this scale.
 * @param {Camera} camera @param {number[]} frame @returns {Camera | null}
 */
export function panTo(camera, frame, width, height, top = 0) {
  const [left, upper, right, lower] = frame.map((value, i) => value * camera.k + (i % 2 ? camera.y : camera.x));
  if (right - left > width || lower - upper > height - top) return null;
  const shift = (low, high, from, to) => (low < from ? from - low : high > to ? to - high : 0);
  return { ...camera, x: camera.x + shift(left, right, 0, width), y: camera.y + shift(upper, lower, top, height) };
}

/** Zoom by `factor` around the screen point (px, py). @param {Camera} camera @returns {Camera} */
export function zoomAt(camera, factor, px, py) {
  const k = clampScale(camera.k * factor),
    by = k / camera.k;
  return { k, x: px - (px - camera.x) * by, y: py - (py - camera.y) * by };
}

/**
 * What of the world is in view, with `margin` screen pixels around.
 * @param {Camera} camera
 * @returns {number[]} left, top, right, bottom
 */
export function worldView(camera, width, height, margin = 0) {
  return [
    (-margin - camera.x) / camera.k,
    (-margin - camera.y) / camera.k,
    (width + margin - camera.x) / camera.k,
    (height + margin - camera.y) / camera.k,
  ];
}

/** Whether two frames touch. */
export const overlap = (a, b) => a[0] <= b[2] && b[0] <= a[2] && a[1] <= b[3] && b[1] <= a[3];

/** Whether frame `a` lies inside `b`. */
export const within = (a, b) => a[0] >= b[0] && a[1] >= b[1] && a[2] <= b[2] && a[3] <= b[3];

/** The frame around several frames. @param {number[][]} frames */
export const coverOf = (frames) => [0, 1, 2, 3].map((i) => Math[i < 2 ? "min" : "max"](...frames.map((frame) => frame[i])));

/** The frame of a box with what hangs around it. */
export const boxFrame = (box) => [
  box.x - box.w / 2 - 8,
  box.y - box.h / 2 - 10,
  box.x + box.w / 2 + 8 + (box.output && box.aside ? box.right || 80 : 0),
  box.y + box.h / 2 + (box.output && !box.aside ? 26 : 14),
];

/** The frame of an edge. */
export function edgeFrame(edge) {
  const frame = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of edge.points) {
    frame[0] = Math.min(frame[0], x);
    frame[1] = Math.min(frame[1], y);
    frame[2] = Math.max(frame[2], x);
    frame[3] = Math.max(frame[3], y);
  }
  return frame;
}

/** The frame around several boxes; null for none. */
export function framesAround(boxes) {
  let out = null;
  for (const box of boxes) {
    const f = boxFrame(box);
    out = out ? [Math.min(out[0], f[0]), Math.min(out[1], f[1]), Math.max(out[2], f[2]), Math.max(out[3], f[3])] : f;
  }
  return out;
}

/**
 * The corner of a pane in which what lies over it hides least, of those the first; ids in `focus` count most.
 * @param {any[]} boxes @param {Camera} camera @param {{width: number, height: number, top?: number}} pane
 * @param {number[]} size @param {Set<string>} focus @param {string[]} corners "br", "bl", "tr", "tl"
 */
export function freeCorner(boxes, camera, pane, size, focus, corners) {
  const cost = (corner) => {
    const place = cornerView(corner, camera, pane, size);
    return boxes.reduce((n, b) => n + (overlap(boxFrame(b), place) ? (focus.has(b.id) ? 20 : 1) : 0), 0);
  };
  return corners.map((c) => /** @type {[string, number]} */ ([c, cost(c)])).sort((a, b) => a[1] - b[1])[0][0];
}

/** What of the world lies under something in a corner of a pane. @param {string} corner @param {Camera} camera */
export function cornerView(corner, camera, { width, height, top = 0 }, [w, h]) {
  const x = corner[1] === "r" ? width - w : 0,
    y = corner[0] === "b" ? height - h : top;
  return worldView({ ...camera, x: camera.x - x, y: camera.y - y }, w, h);
}

/** The box under a point of the world, the last drawn first; null for none. */
export function boxAt(boxes, x, y) {
  for (let i = boxes.length - 1; i >= 0; i--) {
    const b = boxes[i];
    if (Math.abs(x - b.x) <= b.w / 2 && Math.abs(y - b.y) <= b.h / 2) return b;
  }
  return null;
}

/**
 * The box to go to with an arrow key: along edges up and down (the nearest across), else the next in the same rank.
 * @param {{boxes: any[], edges: any[]}} drawing @param {string} key of the box where one is @param {string} arrow
 */
export function neighbourBox(drawing, key, arrow) {
  const byKey = new Map(drawing.boxes.map((b) => [b.key, b])),
    here = byKey.get(key);
  if (!here) return drawing.boxes[0] || null;
  let near;
  if (arrow === "ArrowUp") near = drawing.edges.filter((e) => e.target === key).map((e) => byKey.get(e.source));
  else if (arrow === "ArrowDown") near = drawing.edges.filter((e) => e.source === key).map((e) => byKey.get(e.target));
  else {
    const right = arrow === "ArrowRight";
    near = drawing.boxes.filter((b) => b !== here && Math.abs(b.y - here.y) < 4 && (right ? b.x > here.x : b.x < here.x));
  }
  near = near.filter(Boolean).sort((a, b) => Math.abs(a.x - here.x) - Math.abs(b.x - here.x));
  return near[0] || null;
}
