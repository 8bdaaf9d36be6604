// The layout in the browser gives the same answers as the one in Python, on the fixtures that both share.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { layout } from "../../tensorviz/widgets/static/layout.js";

const FIXTURES = new URL("../render/fixtures/", import.meta.url);
const KEYED = ["x", "y", "rank", "bends"];

const read = (data) => data && { ...data, ...Object.fromEntries(KEYED.map((k) => [k, new Map(Object.entries(data[k]))])) };
const plain = (flow) => ({ ...flow, ...Object.fromEntries(KEYED.map((k) => [k, Object.fromEntries(flow[k])])) });
const zero = (value) => JSON.parse(JSON.stringify(value)); // -0 and 0 are one place

const names = readdirSync(FIXTURES).filter((name) => /^layout_.*\.json$/.test(name));

test("there are fixtures", () => assert.ok(names.length >= 8, `found ${names.length}`));

for (const name of names) {
  test(`${name} is laid out as in Python`, () => {
    const { boxes, edges, gap, seed, expected } = JSON.parse(readFileSync(new URL(name, FIXTURES), "utf8"));
    assert.deepEqual(zero(plain(layout(boxes, edges, gap, read(seed)))), zero(expected));
  });
}

const BOXES = ["a", "b", "c", "d"].map((id) => ({ id, w: 60, h: 24 }));
const EDGES = [
  ["a", "b", ""],
  ["b", "c", ""],
  ["c", "d", ""],
  ["a", "d", ""],
];

test("laying out again from a layout moves nothing", () => {
  const first = layout(BOXES, EDGES);
  assert.deepEqual(plain(layout(BOXES, EDGES, 18, first)), plain(first));
});

test("with a seed a node that stays does not move when others go and one comes", () => {
  const first = layout(BOXES, EDGES);
  const boxes = [BOXES[0], { id: "new", w: 80, h: 24 }, BOXES[3]];
  const second = layout(
    boxes,
    [
      ["a", "new", ""],
      ["new", "d", ""],
    ],
    18,
    first,
  );
  assert.equal(second.x.get("a"), first.x.get("a"));
  assert.equal(second.y.get("d"), first.y.get("d"));
  assert.ok(second.rank.get("a") < second.rank.get("new") && second.rank.get("new") < second.rank.get("d"));
  assert.equal(first.x.has("new"), false);
});

test("an empty graph has an empty frame", () => assert.deepEqual(layout([], []).frame, [0, 0, 0, 0]));
