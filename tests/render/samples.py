"""Traces made by hand: what a compiler would record, without one.

`logistic()` is one training step of logistic regression (31 nodes to 8), `network()` one of a 64-256-10 network with
momentum, `rows(n)` a graph of any size. All are deterministic.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from math import prod

from tensorviz.render.trace import (
    Binding,
    Buffer,
    Build,
    Code,
    Condition,
    Event,
    Kernel,
    Line,
    NearMiss,
    Node,
    Origin,
    Pass,
    Profile,
    Run,
    Timing,
    Trace,
)

FAMILY = {"dot": "linalg", "gemm": "linalg", "sum": "reduction", "max": "reduction", "softmax": "reduction", "log_softmax": "reduction",
          "transpose": "shape", "reshape": "shape", "broadcast_to": "shape", "normal": "state", "scan": "loop"}
ITEM = {"float32": 4, "float64": 8, "int64": 8, "bool": 1}


class Sketch:
    """Writes a trace: build nodes, then rewrite them inside passes."""

    def __init__(self, name: str, signature: str) -> None:
        self.trace = Trace(name=name, signature=signature)
        self.live: dict[str, int] = {}          # id -> record number
        self.made = 0

    def node(self, op: str, *inputs: str, shape: tuple[int | None, ...] = (), dtype: str = "float32", id: str = "", **more) -> str:
        """Add a record; `id` given means a new version of that node."""
        self.made += not id
        name = id or f"n{self.made - 1}"
        lengths = [64 if n is None else n for n in shape]
        size = prod(lengths)
        kind = op if op in ("input", "shared", "constant") else "op"
        read = sum(self._bytes(i) for i in inputs)
        moved = 0.0 if kind != "op" else float(read + size * ITEM[dtype])
        flops = 0.0 if kind != "op" else float(size * (2 * self._inner(inputs) if op in ("dot", "gemm") else 1))
        node = Node(id=name, op=op, kind=kind, family="leaf" if kind != "op" else FAMILY.get(op, "elementwise"),
                    inputs=list(inputs), dtype=dtype, shape=list(shape), flops=flops, bytes=moved,
                    seconds=flops / 2e10 + moved / 1e10, **more)
        if not node.text:
            node.text = f"{op}({', '.join(self.text(i) for i in inputs)})" if inputs else node.name or node.value or op
        self.live[name] = len(self.trace.records)
        self.trace.records.append(node)
        return name

    def _bytes(self, name: str) -> int:
        node = self.trace.records[self.live[name]]
        return prod(64 if n is None else n for n in node.shape) * ITEM[node.dtype]

    def _inner(self, inputs: tuple[str, ...]) -> int:
        shape = self.trace.records[self.live[inputs[0]]].shape
        return shape[-1] or 64 if shape else 1

    def text(self, name: str) -> str:
        """A short form of a node's text."""
        text = self.trace.records[self.live[name]].text
        return text if len(text) < 40 else self.trace.records[self.live[name]].op

    def start(self, outputs: dict[str, str], updates: dict[str, str] | None = None) -> None:
        """The nodes so far are the graph as written; `outputs` maps names to nodes, `updates` shared leaves to names."""
        self.trace.initial = list(self.live.values())
        self.trace.outputs = list(outputs.values())
        self.trace.output_names = list(outputs)
        self.trace.updates = {leaf: list(outputs).index(name) for leaf, name in (updates or {}).items()}
        self.now = list(outputs.values())

    def begin(self, name: str, doc: str, seconds: float) -> None:
        """Start a pass; the one before ends."""
        self.end()
        self.trace.passes.append(Pass(name=name, doc=doc, first=len(self.trace.events), last=len(self.trace.events), seconds=seconds))

    def end(self) -> None:
        """Close the pass that is open."""
        if self.trace.passes:
            last = self.trace.passes[-1]
            last.last = len(self.trace.events)
            last.nodes = len(self.live)
            last.cost = self._cost(self.live.values())
            last.rules = {}
            for event in self.trace.events[last.first:last.last]:
                hits = last.rules.setdefault(event.rule, [0, 0.0])
                hits[0] += 1
                hits[1] += event.seconds

    def _cost(self, records) -> list[float]:
        nodes = [self.trace.records[i] for i in records]
        return [sum(n.seconds for n in nodes), sum(n.flops for n in nodes), sum(n.bytes for n in nodes)]

    def rewrite(self, rule: str, root: str, build: Callable[[], str], **more) -> str:
        """Replace `root` by what `build` returns; readers get new versions, dead nodes leave."""
        first, before = len(self.trace.records), dict(self.live)
        result = build()
        rewired = {}
        for name, number in before.items():
            node = self.trace.records[number]
            if root in node.inputs and name != root and name in self.live and not (number >= first):
                rewired[name] = [result if i == root else i for i in node.inputs]
        for name, inputs in rewired.items():
            old = self.trace.records[before[name]]
            again = {f: getattr(old, f) for f in ("param", "name", "value", "origins", "group", "text")}
            self.node(old.op, *inputs, shape=tuple(old.shape), dtype=old.dtype, id=name, **again)
        self.now = [result if o == root else o for o in self.now]
        self._collect()
        removed = [i for name, i in before.items() if self.live.get(name) != i]
        added = [i for name, i in self.live.items() if before.get(name) != i]
        added.sort()
        ids = {self.trace.records[i].id for i in added}
        event = Event(rule=rule, root=root, result=result,
                      before=[root] + [self.trace.records[i].id for i in removed if self.trace.records[i].id not in (root, *rewired)],
                      after=[n for n in ids if n not in before], removed=removed, added=added, outputs=list(self.now),
                      seconds=33e-6 + 1e-6 * len(removed), cost_before=self._cost(removed), cost_after=self._cost(added), **more)
        event.after.sort(key=lambda n: int(n[1:]))
        self.trace.events.append(event)
        return result

    def _collect(self) -> None:
        alive, stack = set(), list(self.now)
        while stack:
            name = stack.pop()
            if name not in alive:
                alive.add(name)
                stack += self.trace.records[self.live[name]].inputs
        order = sorted(((n, i) for n, i in self.live.items() if n in alive), key=lambda item: item[1])
        self.live = dict(order)

    def kernels(self, parts: dict[str, tuple[str, list[str], float]]) -> None:
        """Say which nodes run together: name -> (kind, nodes, seconds)."""
        timings = []
        for k, (name, (kind, nodes, seconds)) in enumerate(parts.items()):
            inside = set(nodes)
            records = [self.trace.records[self.live[n]] for n in nodes]
            inputs = list(dict.fromkeys(i for r in records for i in r.inputs if i not in inside))
            self.trace.kernels.append(Kernel(f"k{k}", name, kind, nodes, inputs, [nodes[-1]], "one pass over the same rows",
                                             first_line=1 + 6 * k, last_line=6 + 6 * k,
                                             flops=sum(r.flops for r in records), bytes=sum(r.bytes for r in records)))
            timings.append(Timing(f"k{k}", 2000, 2000 * seconds, 0.9 * seconds, seconds, 1.2 * seconds))
        self.trace.profile = Profile([Run("measured", "c", 2000, sum(t.median for t in timings), timings, 2)])
        lines = [Line(1 + 6 * k + i, [n]) for k, part in enumerate(parts.values()) for i, n in enumerate(part[1][:5])]
        text = "\n".join(f"static void {name}(void) {{\n{chr(10).join('    /* ... */' for _ in range(4))}\n}}" for name in parts)
        self.trace.codes = [Code("c", text, lines, "cc -O3 -march=native -shared step.c")]
        self.trace.builds = [Build("rewrite", 0.012), Build("emit", 0.004), Build("cc", 0.096), Build("load", 0.001)]


def logistic() -> Trace:
    """One training step of logistic regression on 512 × 784, written without care for overflow."""
    s = Sketch("step", "step(x, y)")
    s.trace.origins = [Origin("cell 3", 2, "p = T.softmax(x @ W + b)"),
                       Origin("cell 3", 4, "cost = -T.mean(T.sum(y * T.log(p), axis=1))"), Origin("cell 3", 5, "gW, gb = T.grad(cost, [W, b])")]
    x, y = s.node("input", shape=(512, 784), name="x"), s.node("input", shape=(512, 10), name="y")
    W, b = s.node("shared", shape=(784, 10), name="W"), s.node("shared", shape=(10,), name="b")
    rate, minus, count = (s.node("constant", value=v) for v in ("0.1", "−1", "1/512"))
    rows = {"shape": (512, 10)}
    z = s.node("add", s.node("dot", x, W, **rows, origins=[0]), b, **rows, origins=[0])
    p = s.node("softmax", z, **rows, origins=[0], param="axis 1")
    ly = s.node("mul", y, s.node("log", p, **rows, origins=[1]), **rows, origins=[1])
    mean = s.node("mul", s.node("sum", ly, origins=[1]), count, origins=[1])
    cost = s.node("neg", mean, origins=[1])
    grad = {"origins": [2]}
    g = s.node("mul", s.node("mul", y, minus, **rows, **grad), count, **rows, **grad)
    d = s.node("div", g, p, **rows, **grad)
    m = s.node("mul", d, p, **rows, **grad)
    r = s.node("sum", m, shape=(512, 1), param="axis 1", **grad)
    dz = s.node("sub", m, s.node("mul", p, r, **rows, **grad), **rows, **grad)
    gW = s.node("dot", s.node("transpose", x, shape=(784, 512), **grad), dz, shape=(784, 10), **grad)
    gb = s.node("sum", dz, shape=(10,), param="axis 0", **grad)
    W1 = s.node("sub", W, s.node("mul", gW, rate, shape=(784, 10), **grad), shape=(784, 10), **grad)
    b1 = s.node("sub", b, s.node("mul", gb, rate, shape=(10,), **grad), shape=(10,), **grad)
    s.start({"cost": cost, "W'": W1, "b'": b1}, {W: "W'", b: "b'"})
    s.begin("canonicalise", "Puts equal things into one form.", 1.9e-3)
    scale = []

    def both(source: str, **kind) -> str:
        scale.append(s.node("constant", value="−1/512"))
        return s.node("mul", source, scale[0], made_by="fold_scales", **kind)

    s.rewrite("fold_scales", cost, lambda: both(s.trace.records[s.live[mean]].inputs[0], origins=[1]), formula="-(a * c) -> a * (-c)",
              why="A sign moves into a constant.", exactness="exact in floating point")
    g2 = s.rewrite("fold_scales", g, lambda: s.node("mul", y, scale[0], **rows, made_by="fold_scales", **grad),
                   formula="(a * c) * d -> a * (c * d)", exactness="exact in real arithmetic")
    s.begin("fold-constants", "Computes what is known.", 0.3e-3)
    s.begin("stabilise", "Replaces forms that lose digits or overflow.", 0.6e-3)
    log = s.trace.records[s.live[ly]].inputs[1]
    s.rewrite("log_of_softmax", log, lambda: s.node("log_softmax", z, **rows, made_by="log_of_softmax", param="axis 1", origins=[1]),
              formula="log(softmax(z)) -> log_softmax(z)", why="The logarithm cancels the exponential: no −inf where a probability rounds to 0.",
              exactness="exact in real arithmetic", source="rules/stabilise.py:48", bindings=[Binding("z", z, "dot(x, W) + b", type="f32 512×10")],
              conditions=[Condition("softmax runs over the last axis"), Condition("dtype is a float")],
              near_misses=[NearMiss("dot_add_to_gemm", z, "Holds, but its pass use-blas comes later.")])
    s.rewrite("mul_of_div", m, lambda: g2, formula="(a / p) * p -> a", why="Two nodes fewer, no 0 / 0.", exactness="assumes finite",
              bindings=[Binding("a", g2), Binding("p", p)], conditions=[Condition("p is not 0", True, "softmax is positive")])
    s.begin("linear-algebra", "Uses what is known of matrices.", 0.2e-3)
    s.begin("use-blas", "Turns products into library calls.", 0.4e-3)
    s.rewrite("dot_add_to_gemm", z, lambda: s.node("gemm", x, W, b, **rows, made_by="dot_add_to_gemm", origins=[0]),
              formula="dot(a, b) + c -> gemm(a, b, c)", why="One call, no array between.")
    s.rewrite("scaled_dot_to_gemm", W1, lambda: s.node("gemm", W, x, dz, shape=(784, 10), param="−0.1 ·ᵀ", made_by="scaled_dot_to_gemm"),
              formula="W - r * dot(x.T, d) -> gemm(W, x, d)", why="Four nodes to one library call, in place.")
    s.begin("fuse", "Joins what runs over the same rows.", 1.2e-3)
    s.end()
    live = list(s.live)
    ops = {n: s.trace.records[s.live[n]] for n in live}
    gemms = [n for n in live if ops[n].op == "gemm"]
    update = [n for n in live if ops[n].shape == [10] and ops[n].kind == "op"]
    rest = [n for n in live if ops[n].kind == "op" and n not in gemms and n not in update]
    s.kernels({"gemm_0": ("library", gemms[:1], 112e-6), "softmax_cross_entropy": ("loop", rest, 23.6e-6),
               "gemm_1": ("library", gemms[1:], 119e-6), "col_sum_update": ("loop", update, 5.2e-6)})
    s.trace.buffers = [Buffer("b0", gemms[0], 20480.0, 0, 0, 3), Buffer("b1", rest[-1], 20480.0, 20480, 1, 3)]
    s.trace.facts = {"arena_bytes": 20480, "unplanned_bytes": 40960, "compile_seconds": 0.41}
    return s.trace


def network() -> Trace:
    """One training step of a 64-256-10 network: relu, softmax cross-entropy, momentum."""
    s = Sketch("train", "train(x, y)")
    s.trace.origins = [Origin("digits.py", 12, "h = T.maximum(x @ W1 + b1, 0)", "network"), Origin("digits.py", 13, "z = h @ W2 + b2", "network"),
                       Origin("digits.py", 14, "cost = T.mean(T.nn.cross_entropy(z, y))"), Origin("digits.py", 20, "grads = T.grad(cost, parameters)")]
    N = None
    x, y = s.node("input", shape=(N, 64), name="x"), s.node("input", shape=(N, 10), name="y")
    shapes = {"W1": (64, 256), "b1": (256,), "W2": (256, 10), "b2": (10,)}
    P = {n: s.node("shared", shape=k, name=n) for n, k in shapes.items()}
    V = {n: s.node("shared", shape=k, name=f"v{n}") for n, k in shapes.items()}
    zero, one, rate, keep = (s.node("constant", value=v) for v in ("0", "1", "0.05", "0.9"))
    hid, out, col = {"shape": (N, 256)}, {"shape": (N, 10)}, {"shape": (N, 1)}
    net = {"group": ["network"], "origins": [0]}
    a1 = s.node("add", s.node("dot", x, P["W1"], **hid, **net), P["b1"], **hid, **net)
    h = s.node("maximum", a1, zero, **hid, **net)
    z = s.node("add", s.node("dot", h, P["W2"], **out, **net), P["b2"], **out, **net)
    ce = {"group": ["cross_entropy"], "origins": [2]}
    e = s.node("exp", s.node("sub", z, s.node("max", z, **col, param="axis 1", **ce), **out, **ce), **out, **ce)
    total = s.node("sum", e, **col, param="axis 1", **ce)
    p = s.node("div", e, total, **out, **ce)
    ly = s.node("mul", y, s.node("log", p, **out, **ce), **out, **ce)
    n = s.node("cast", s.node("shape_of", x, dtype="int64", param="axis 0"), param="f32")
    cost = s.node("div", s.node("neg", s.node("sum", ly, **ce), **ce), n, **ce)
    back = {"group": ["gradient"], "origins": [3]}
    scale = s.node("neg", s.node("div", one, n, **back), **back)
    dp = s.node("div", s.node("mul", y, scale, **out, **back), p, **out, **back)
    dot_p = s.node("sum", s.node("mul", dp, p, **out, **back), **col, param="axis 1", **back)
    dz = s.node("mul", p, s.node("sub", dp, dot_p, **out, **back), **out, **back)
    g = {}
    g["W2"] = s.node("dot", s.node("transpose", h, shape=(256, N), **back), dz, shape=(256, 10), **back)
    g["b2"] = s.node("sum", dz, shape=(10,), param="axis 0", **back)
    dh = s.node("dot", dz, s.node("transpose", P["W2"], shape=(10, 256), **back), **hid, **back)
    da = s.node("where", s.node("greater", a1, zero, dtype="bool", **hid, **back), dh, zero, **hid, **back)
    g["W1"] = s.node("dot", s.node("transpose", x, shape=(64, N), **back), da, shape=(64, 256), **back)
    g["b1"] = s.node("sum", da, shape=(256,), param="axis 0", **back)
    outputs, updates = {"cost": cost}, {}
    for name, k in shapes.items():
        up = {"shape": k, "group": ["momentum"], "origins": [3]}
        v = s.node("sub", s.node("mul", V[name], keep, **up), s.node("mul", g[name], rate, **up), **up)
        outputs[f"v{name}'"], outputs[f"{name}'"] = v, s.node("add", P[name], v, **up)
        updates[V[name]], updates[P[name]] = f"v{name}'", f"{name}'"
    s.start(outputs, updates)
    s.begin("canonicalise", "Puts equal things into one form.", 2.1e-3)
    s.begin("stabilise", "Replaces forms that lose digits or overflow.", 0.9e-3)
    soft = s.rewrite("exp_over_sum_to_softmax", p, lambda: s.node("softmax", z, **out, param="axis 1", made_by="exp_over_sum_to_softmax", **ce),
                     formula="exp(z - max(z)) / sum(exp(z - max(z))) -> softmax(z)", why="One pass over a row.")
    log = s.trace.records[s.live[ly]].inputs[1]
    s.rewrite("log_of_softmax", log, lambda: s.node("log_softmax", z, **out, param="axis 1", made_by="log_of_softmax", **ce),
              formula="log(softmax(z)) -> log_softmax(z)", why="The logarithm cancels the exponential.")
    s.rewrite("mul_of_div", s.trace.records[s.live[dot_p]].inputs[0], lambda: s.node("mul", y, scale, **out, made_by="mul_of_div", **back),
              formula="(a / p) * p -> a")
    s.rewrite("distribute_softmax_gradient", dz, lambda: s.node("sub", s.node("mul", y, scale, **out, **back), s.node(
        "mul", soft, dot_p, **out, **back), **out, made_by="distribute_softmax_gradient", **back), formula="p * (a / p - s) -> a - p * s")
    s.begin("use-blas", "Turns products into library calls.", 0.8e-3)
    for name, (left, right, bias), k in (("gemm", (x, P["W1"], P["b1"]), hid), ("gemm", (h, P["W2"], P["b2"]), out)):
        s.rewrite("dot_add_to_gemm", a1 if k is hid else z, lambda a=left, b=right, c=bias, k=k, op=name: s.node(
            op, a, b, c, **k, made_by="dot_add_to_gemm", **net), formula="dot(a, b) + c -> gemm(a, b, c)")
    s.end()
    return s.trace


def rows(count: int, seed: int = 1) -> Trace:
    """A graph of `count` nodes with layers, reductions, long edges and leaves."""
    draw = random.Random(seed)
    s = Sketch("big", "big(x)")
    ids = [s.node("input", shape=(64, 64), name="x")]
    while s.made < count:
        block = f"block {s.made // 60 + 1}"
        if draw.random() < 0.1:
            ids.append(s.node("shared", shape=(64, 64), name=f"w{s.made}"))
            continue
        op = draw.choice(["add", "mul", "exp", "tanh", "dot", "sum", "maximum", "sub", "transpose", "log1p"])
        first = ids[-1 - min(len(ids) - 1, int(draw.expovariate(0.25)))]
        second = ids[draw.randrange(len(ids))] if draw.random() < 0.1 else ids[-1 - min(len(ids) - 1, int(draw.expovariate(0.2)))]
        inputs = (first,) if op in ("exp", "tanh", "sum", "transpose", "log1p") else (first, second)
        ids.append(s.node(op, *inputs, shape=(64, 64) if op != "sum" else (64, 1), group=[block]))
    used = {i for r in s.trace.records for i in r.inputs}
    last = [r.id for r in s.trace.records if r.id not in used and r.kind == "op"]
    s.start({f"out{k}": n for k, n in enumerate(last)})
    s._collect()
    s.trace.initial = list(s.live.values())
    s.begin("canonicalise", "Puts equal things into one form.", 1e-3)
    s.end()
    return s.trace


def small() -> Trace:
    """log(softmax(x @ W + b)): four ops, two rewrites."""
    s = Sketch("f", "f(x)")
    x, W, b = s.node("input", shape=(None, 784), name="x"), s.node("shared", shape=(784, 10), name="W"), s.node("shared", shape=(10,), name="b")
    out = {"shape": (None, 10)}
    z = s.node("add", s.node("dot", x, W, **out), b, **out)
    log = s.node("log", s.node("softmax", z, **out), **out)
    s.start({"": log})
    s.begin("stabilise", "Replaces forms that lose digits or overflow.", 1e-4)
    s.rewrite("log_of_softmax", log, lambda: s.node("log_softmax", z, **out, made_by="log_of_softmax"), formula="log(softmax(z)) -> log_softmax(z)")
    s.begin("use-blas", "Turns products into library calls.", 1e-4)
    s.rewrite("dot_add_to_gemm", z, lambda: s.node("gemm", x, W, b, **out, made_by="dot_add_to_gemm"), formula="dot(a, b) + c -> gemm(a, b, c)")
    s.end()
    return s.trace
