// Reading a trace: states, diffs, filters, and the numbers as they are written.
import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { bytes, change, count, digits, plural, seconds, typeText } from "../../tensorviz/widgets/static/format.js";
import { filteredSteps, nextStep, ringOf } from "../../tensorviz/widgets/static/rewrite.js";
import { matcher } from "../../tensorviz/widgets/static/search.js";
import { rows, sideScene, Trace, unionDiff } from "../../tensorviz/widgets/static/trace.js";

const node = (id, op, inputs = [], more = {}) => ({
  id,
  op,
  family: "elementwise",
  kind: "op",
  inputs,
  shape: [],
  dtype: "float32",
  param: "",
  ...more,
});
const columns = (list) => Object.fromEntries(Object.keys(list[0]).map((k) => [k, list.map((r) => r[k])]));
const event = (rule, removed, added, more = {}) => ({
  rule,
  removed,
  added,
  before: [],
  after: [],
  bindings: [],
  outputs: null,
  ...more,
});

// x -> a -> b -> c becomes x -> d -> c, then x -> d -> e
const RECORDS = [
  node("x", "input"),
  node("a", "log", ["x"]),
  node("b", "exp", ["a"]),
  node("c", "neg", ["b"]),
  node("d", "id", ["x"]),
  node("c", "neg", ["d"]),
  node("e", "abs", ["d"]),
];
const DATA = {
  schema: 1,
  name: "f",
  signature: "f(x)",
  records: columns(RECORDS),
  initial: [0, 1, 2, 3],
  outputs: ["c"],
  output_names: ["y"],
  updates: {},
  events: [
    event("exp_of_log", [1, 2, 3], [4, 5], { before: ["b", "a"], after: ["d"], root: "b", result: "d" }),
    event("abs_of_neg", [5], [6], { before: ["c"], after: ["e"], outputs: ["e"] }),
  ],
  passes: columns([
    { name: "first", first: 0, last: 1 },
    { name: "idle", first: 1, last: 1 },
    { name: "second", first: 1, last: 2 },
  ]),
  origins: {},
  kernels: {},
  buffers: {},
  builds: {},
  codes: [],
  profile: { runs: [] },
};

test("columns become rows", () =>
  assert.deepEqual(rows({ a: [1, 2], b: ["x", "y"] }), [
    { a: 1, b: "x" },
    { a: 2, b: "y" },
  ]));

test("a trace is inflated and decoded", async () => {
  const trace = await Trace.decode(gzipSync(JSON.stringify(DATA)));
  assert.equal(trace.records.length, 7);
  await assert.rejects(Trace.decode(gzipSync('{"schema": 99}')), /not a tensorviz trace/);
  await assert.rejects(Trace.decode(new Uint8Array([1, 2, 3])));
});

test("every state is reached from any other, in any order", () => {
  const trace = new Trace(DATA),
    ids = (k) => [...trace.stateAt(k).nodes.keys()].sort().join("");
  assert.deepEqual([2, 0, 1, 2, 1].map(ids), ["dex", "abcx", "cdx", "dex", "cdx"]);
  assert.deepEqual(trace.stateAt(1).nodes.get("c").inputs, ["d"]);
  assert.deepEqual([trace.stateAt(1).outputs, trace.stateAt(2).outputs], [["c"], ["e"]]);
  assert.equal(ids(-5) + ids(99), "abcx" + "dex");
});

test("steps after passes and passes of events", () => {
  const trace = new Trace(DATA);
  assert.deepEqual(
    [-1, 0, 1, 2, 9].map((i) => trace.stepAfter(i)),
    [0, 1, 1, 2, 2],
  );
  assert.deepEqual(
    [0, 1, 2].map((i) => trace.passOf(i)),
    [0, 2, -1],
  );
});

test("a diff marks what was added, removed and rewired, and orders inputs first", () => {
  const trace = new Trace(DATA),
    diff = unionDiff(trace.stateAt(0), trace.stateAt(1));
  assert.deepEqual(Object.fromEntries(diff.changes), { a: "rem", b: "rem", d: "add", c: "chg" });
  assert.deepEqual(diff.counts, { add: 1, rem: 2, chg: 1 });
  const order = [...diff.nodes.keys()];
  for (const e of diff.edges) assert.ok(order.indexOf(e.from) < order.indexOf(e.to), `${e.from} before ${e.to}`);
  assert.deepEqual(
    diff.edges.filter((e) => e.to === "c"),
    [
      { from: "d", to: "c", port: 0, change: "add" },
      { from: "b", to: "c", port: 0, change: "rem" },
    ],
  );
});

test("two states that hold a cycle together are compared all the same", () => {
  const state = (...list) => ({ nodes: new Map(list.map((n) => [n.id, n])), outputs: [list[list.length - 1].id] });
  const diff = unionDiff(state(node("a", "f"), node("b", "g", ["a"])), state(node("b", "g"), node("a", "f", ["b"])));
  assert.equal(diff.nodes.size, 2);
  assert.deepEqual(diff.counts, { add: 0, rem: 0, chg: 2 });
});

test("one side of a diff holds its own nodes as they were", () => {
  const trace = new Trace(DATA),
    diff = unionDiff(trace.stateAt(0), trace.stateAt(1)),
    before = sideScene(diff, trace.stateAt(0), ["rem"]);
  assert.deepEqual([...before.nodes.keys()].sort(), ["a", "b", "c", "x"]);
  assert.deepEqual(before.nodes.get("c").inputs, ["b"]);
  assert.deepEqual([...before.changes.keys()].sort(), ["a", "b"]);
});

test("steps are filtered by rule, pass and node, and walked", () => {
  const trace = new Trace(DATA);
  assert.deepEqual(filteredSteps(trace, {}), [1, 2]);
  assert.deepEqual(filteredSteps(trace, { rule: "abs_of_neg" }), [2]);
  assert.deepEqual(filteredSteps(trace, { pass: 0 }), [1]);
  assert.deepEqual(filteredSteps(trace, { node: "c" }), [1, 2]);
  assert.deepEqual(filteredSteps(trace, { node: "a" }), [1]);
  assert.deepEqual(
    [nextStep([1, 4, 9], 4, 1), nextStep([1, 4, 9], 4, -1), nextStep([1, 4, 9], 9, 1), nextStep([], 3, 1)],
    [9, 1, 9, 3],
  );
});

test("of a node with many readers some are left out and counted", () => {
  const readers = Array.from({ length: 9 }, (_, i) => `r${i}`);
  const diff = {
    nodes: new Map([["a", node("a", "f")], ...readers.map((r) => [r, node(r, "g", ["a"])])]),
    changes: new Map(),
    edges: readers.map((to) => ({ from: "a", to, port: 0, change: "" })),
    outputs: [],
  };
  const { keep, more } = ringOf(diff, new Set(["a"]), 1);
  assert.equal(keep.size, 5);
  assert.equal(more.get("a"), 5);
  assert.deepEqual([...ringOf(diff, new Set(["a"]), 0).keep], ["a"]);
});

test("numbers have three digits and units", () => {
  assert.deepEqual([2.36e-5, 0.41, 0.9996e-3, 1.5, 0].map(seconds), ["23.6 µs", "410 ms", "1 ms", "1.5 s", "0 s"]);
  assert.deepEqual([524288, 96, 0, 1e9].map(bytes), ["524 kB", "96 B", "0 B", "1 GB"]);
  assert.deepEqual([4.8e-7, 0.51, NaN, -Infinity, -2].map(digits), ["4.8e−7", "0.51", "NaN", "−∞", "−2"]);
  assert.deepEqual(
    [count(3312), plural(1, "node"), plural(2, "pass"), change(27, 18), change(0, 3)],
    ["3,312", "1 node", "2 passes", "−33%", ""],
  );
  assert.equal(typeText({ dtype: "float32", shape: [512, null] }), "f32 512×N");
  assert.equal(typeText({ dtype: "uint8", shape: [] }), "u8 scalar");
});

test("a search takes words as they stand and regular expressions where they are one", () => {
  assert.ok(matcher("SoftMax")("log_softmax"));
  assert.ok(matcher("^log.*max$")("log_softmax"));
  assert.ok(matcher("f(x")("g = f(x)"));
  assert.ok(!matcher("^max")("softmax"));
});
