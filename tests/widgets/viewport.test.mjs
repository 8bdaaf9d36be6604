// Pan, zoom, culling, hits and the walk along edges, without a page.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  boxAt,
  boxFrame,
  edgeFrame,
  firstView,
  fitCamera,
  framesAround,
  neighbourBox,
  overlap,
  worldView,
  zoomAt,
} from "../../tensorviz/widgets/static/viewport.js";
import { arrowPath, edgePath } from "../../tensorviz/widgets/static/shapes.js";

const box = (key, x, y) => ({ key, id: key, x, y, w: 60, h: 24 });
const BOXES = [box("a", 0, 0), box("b", -50, 50), box("c", 50, 50), box("d", 0, 100)];
const EDGES = [
  ["a", "b"],
  ["a", "c"],
  ["b", "d"],
  ["c", "d"],
].map(([source, target]) => ({
  source,
  target,
  points: [
    [0, 12],
    [0, 38],
  ],
}));
const near = (a, b) => assert.ok(Math.abs(a - b) < 1e-9, `${a} and ${b}`);

test("a frame that fits is seen whole and not enlarged beyond the limit", () => {
  for (const frame of [
    [0, 0, 100, 50],
    [-900, -50, 4000, 9000],
  ]) {
    const camera = fitCamera(frame, 800, 460),
      [left, top, right, bottom] = worldView(camera, 800, 460);
    assert.ok(left <= frame[0] && top <= frame[1] && right >= frame[2] && bottom >= frame[3]);
    assert.ok(camera.k <= 1.1);
  }
});

test("zooming keeps the point under the mouse", () => {
  const before = { x: 30, y: -20, k: 0.8 },
    after = zoomAt(before, 1.5, 200, 100);
  near((200 - before.x) / before.k, (200 - after.x) / after.k);
  near((100 - before.y) / before.k, (100 - after.y) / after.k);
  assert.ok(zoomAt(before, 1e9, 0, 0).k <= 3 && zoomAt(before, 1e-9, 0, 0).k >= 0.04);
});

test("what is out of view is culled", () => {
  const view = worldView({ x: 0, y: 0, k: 1 }, 100, 100);
  assert.deepEqual(
    BOXES.filter((b) => overlap(boxFrame(b), view)).map((b) => b.key),
    ["a", "c", "d"],
  );
  assert.ok(!overlap(boxFrame(box("far", 500, 500)), view));
  assert.deepEqual(
    edgeFrame({
      points: [
        [3, 1],
        [-2, 9],
      ],
    }),
    [-2, 1, 3, 9],
  );
  assert.equal(framesAround([]), null);
});

test("a press finds the box under it", () => {
  assert.equal(boxAt(BOXES, 55, 45).key, "c");
  assert.equal(boxAt(BOXES, 300, 45), null);
});

test("arrows walk along edges and ranks", () => {
  const go = (key, arrow) => neighbourBox({ boxes: BOXES, edges: EDGES }, key, arrow)?.key;
  assert.deepEqual([go("a", "ArrowDown"), go("d", "ArrowUp"), go("b", "ArrowRight"), go("c", "ArrowLeft")], ["b", "b", "c", "b"]);
  assert.equal(go("b", "ArrowLeft"), undefined);
  assert.equal(go("nowhere", "ArrowDown"), "a");
});

test("an edge is vertical at both ends and its arrow touches the box", () => {
  assert.equal(
    edgePath([
      [10, 0],
      [10, 30],
    ]),
    "M10 0L10 25",
  );
  assert.equal(
    edgePath([
      [0, 0],
      [20, 40],
    ]),
    "M0 0C0 17.5 20 17.5 20 35",
  );
  assert.equal(
    arrowPath([
      [0, 0],
      [20, 40],
    ]),
    "M16.6 34h6.8l-3.4 6z",
  );
});

test("what a drawing is about is in the first view whole where that is asked for", () => {
  const frame = [0, 0, 4000, 3000],
    pane = { width: 400, height: 250, least: 0.55 };
  for (const about of [
    [1000, 400, 1900, 1000],
    [0, 0, 700, 900],
    [3300, 2500, 4000, 3000],
  ]) {
    const holds = (camera) => {
      const [left, top, right, bottom] = worldView(camera, pane.width, pane.height);
      return left <= about[0] && top <= about[1] && right >= about[2] && bottom >= about[3];
    };
    assert.ok(!holds(firstView({ frame, boxes: [] }, about, pane)));
    assert.ok(holds(firstView({ frame, boxes: [] }, about, { ...pane, entire: true })));
  }
  const nearly = [100, 100, 3900, 2900],
    all = firstView({ frame, boxes: [] }, nearly, { ...pane, entire: true });
  assert.deepEqual(all, fitCamera(frame, pane.width, pane.height, { most: 1.1 }));
});
