// Where one looks: pan and zoom as three numbers. Pure, so that culling and hits are tested without a browser.

const LEAST_SCALE = 0.04;
const MOST_SCALE = 3;

/** @typedef {{x: number, y: number, k: number}} Camera screen = world * k + (x, y) */

/** Keep a scale in its limits. @param {number} k */
export const clampScale = (k) => Math.min(MOST_SCALE, Math.max(LEAST_SCALE, k));

/**
 * The camera that shows `frame` (left, top, right, bottom) whole, centred across, never larger than `most`.
 * @param {number[]} frame @param {number} width @param {number} height @returns {Camera}
 */
export function fitCamera(frame, width, height, { most = 1.1, margin = 22 } = {}) {
  const w = Math.max(1, frame[2] - frame[0]),
    h = Math.max(1, frame[3] - frame[1]);
  const k = clampScale(Math.min(most, (width - 2 * margin) / w, (height - 2 * margin) / h));
  const y = Math.min((height - h * k) / 2, Math.max(margin, (height - h * k) / 3));
  return { k, x: (width - w * k) / 2 - frame[0] * k, y: y - frame[1] * k };
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

/** The frame of a box with what hangs around it. */
export const boxFrame = (box) => [
  box.x - box.w / 2 - 8,
  box.y - box.h / 2 - 10,
  box.x + box.w / 2 + 8 + (box.output && box.aside ? 80 : 0),
  box.y + box.h / 2 + (box.output ? 26 : 14),
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
