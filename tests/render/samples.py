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

FAMILY = {"dot": "linalg", "gemm": "linalg", "sum": "reduction", "max": "reduction", "softmax": "reduction",
          "log_softmax": "reduction", "transpose": "shape", "shape_of": "shape"}
ITEM = {"float32": 4, "float64": 8, "int64": 8, "bool": 1}


class Sketch:
    """Writes a trace: build nodes, then rewrite them inside passes."""

    def __init__(self, name: str, signature: str) -> None:
        self.trace = Trace(name=name, signature=signature)
        self.live: dict[str, int] = {}          # id -> record number
        self.made = 0

    def node(self, op: str, *inputs: str, shape: tuple[int | None, ...] = (), dtype: str = "float32", id: str = "",
             **more) -> str:
        """Add a record; `id` given means a new version of that node."""
        self.made += not id
        name = id or f"n{self.made - 1}"
        lengths = [64 if n is None else n for n in shape]
        size = prod(lengths)
        kind = op if op in ("input", "shared", "constant") else "op"
        read = sum(self._bytes(i) for i in inputs)
        moved = 0.0 if kind != "op" else float(read + size * ITEM[dtype])
        flops = 0.0 if kind != "op" else float(size * (2 * self._inner(op, inputs) if op in ("dot", "gemm") else 1))
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

    def _inner(self, op: str, inputs: tuple[str, ...]) -> int:
        first, second = (self.trace.records[self.live[i]] for i in inputs[:2])
        if op == "gemm" and first.kind == "shared":         # an update in place: first + factor * second.T @ third
            return second.shape[0] or 64
        return first.shape[-1] or 64

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
        at = len(self.trace.events)
        self.trace.passes.append(Pass(name=name, doc=doc, first=at, last=at, seconds=seconds))

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
        gone = [self.trace.records[i].id for i in removed]
        event = Event(rule=rule, root=root, result=result, before=[root] + [i for i in gone if i not in (root, *rewired)],
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
        body = "    /* ... */\n" * 4
        text = "\n".join(f"static void {name}(void) {{\n{body}}}" for name in parts)
        self.trace.codes = [Code("c", text, lines, "cc -O3 -march=native -shared step.c")]
        self.trace.builds = [Build("rewrite", 0.012), Build("emit", 0.004), Build("cc", 0.096), Build("load", 0.001)]


def logistic() -> Trace:
    """One training step of logistic regression on 512 × 784, written without care for overflow."""
    s = Sketch("step", "step(x, y)")
    s.trace.origins = [Origin("cell 3", 2, "p = T.softmax(x @ W + b)"),
                       Origin("cell 3", 4, "cost = -T.mean(T.sum(y * T.log(p), axis=1))"),
                       Origin("cell 3", 5, "gW, gb = T.grad(cost, [W, b])")]
    _optimise_logistic(s, _write_logistic(s))
    _run_logistic(s)
    return s.trace


def _write_logistic(s: Sketch) -> dict[str, str]:
    x, y = s.node("input", shape=(512, 784), name="x"), s.node("input", shape=(512, 10), name="y")
    W, b = s.node("shared", shape=(784, 10), name="W"), s.node("shared", shape=(10,), name="b")
    rate, minus, count = (s.node("constant", value=v) for v in ("0.1", "−1", "1/512"))
    rows = {"shape": (512, 10)}
    z = s.node("add", s.node("dot", x, W, **rows, origins=[0]), b, **rows, origins=[0])
    p = s.node("softmax", z, **rows, origins=[0], param="axis 1")
    log = s.node("log", p, **rows, origins=[1])
    total = s.node("sum", s.node("mul", y, log, **rows, origins=[1]), origins=[1])
    cost = s.node("neg", s.node("mul", total, count, origins=[1]), origins=[1])
    grad = {"origins": [2]}
    g = s.node("mul", s.node("mul", y, minus, **rows, **grad), count, **rows, **grad)
    m = s.node("mul", s.node("div", g, p, **rows, **grad), p, **rows, **grad)
    r = s.node("sum", m, shape=(512, 1), param="axis 1", **grad)
    dz = s.node("sub", m, s.node("mul", p, r, **rows, **grad), **rows, **grad)
    gW = s.node("dot", s.node("transpose", x, shape=(784, 512), **grad), dz, shape=(784, 10), **grad)
    gb = s.node("sum", dz, shape=(10,), param="axis 0", **grad)
    W1 = s.node("sub", W, s.node("mul", gW, rate, shape=(784, 10), **grad), shape=(784, 10), **grad)
    b1 = s.node("sub", b, s.node("mul", gb, rate, shape=(10,), **grad), shape=(10,), **grad)
    s.start({"cost": cost, "W'": W1, "b'": b1}, {W: "W'", b: "b'"})
    return {"x": x, "y": y, "W": W, "b": b, "z": z, "p": p, "log": log, "total": total, "cost": cost,
            "g": g, "m": m, "dz": dz, "W1": W1}


def _optimise_logistic(s: Sketch, n: dict[str, str]) -> None:
    rows, grad = {"shape": (512, 10)}, {"origins": [2]}
    s.begin("canonicalise", "Puts equal things into one form.", 1.9e-3)
    made = {"made_by": "fold_scales"}
    s.rewrite("fold_scales", n["cost"],
              lambda: s.node("mul", n["total"], n.setdefault("scale", s.node("constant", value="−1/512")), origins=[1], **made),
              formula="-(a * c) -> a * (-c)", why="A sign moves into a constant.", exactness="exact in floating point")
    g = s.rewrite("fold_scales", n["g"], lambda: s.node("mul", n["y"], n["scale"], **rows, **made, **grad),
                  formula="(a * c) * d -> a * (c * d)", exactness="exact in real arithmetic")
    s.begin("fold-constants", "Computes what is known.", 0.3e-3)
    s.begin("stabilise", "Replaces forms that lose digits or overflow.", 0.6e-3)
    s.rewrite("log_of_softmax", n["log"],
              lambda: s.node("log_softmax", n["z"], **rows, made_by="log_of_softmax", param="axis 1", origins=[1]),
              formula="log(softmax(z)) -> log_softmax(z)", exactness="exact in real arithmetic", source="rules/stabilise.py:48",
              why="The logarithm cancels the exponential: no −inf where a probability rounds to 0.",
              bindings=[Binding("z", n["z"], "dot(x, W) + b", type="f32 512×10")],
              conditions=[Condition("softmax runs over the last axis"), Condition("dtype is a float")],
              near_misses=[NearMiss("dot_add_to_gemm", n["z"], "Holds, but its pass use-blas comes later.")])
    s.rewrite("mul_of_div", n["m"], lambda: g, formula="(a / p) * p -> a", why="Two nodes fewer, no 0 / 0.",
              exactness="assumes finite", bindings=[Binding("a", g), Binding("p", n["p"])],
              conditions=[Condition("p is not 0", True, "softmax is positive")])
    s.begin("linear-algebra", "Uses what is known of matrices.", 0.2e-3)
    s.begin("use-blas", "Turns products into library calls.", 0.4e-3)
    s.rewrite("dot_add_to_gemm", n["z"],
              lambda: s.node("gemm", n["x"], n["W"], n["b"], **rows, made_by="dot_add_to_gemm", origins=[0]),
              formula="dot(a, b) + c -> gemm(a, b, c)", why="One call, no array between.")
    s.rewrite("scaled_dot_to_gemm", n["W1"],
              lambda: s.node("gemm", n["W"], n["x"], n["dz"], shape=(784, 10), param="−0.1 ·ᵀ",
                             made_by="scaled_dot_to_gemm"),
              formula="W - r * dot(x.T, d) -> gemm(W, x, d)", why="Four nodes to one library call, in place.")
    s.begin("fuse", "Joins what runs over the same rows.", 1.2e-3)
    s.end()


def _run_logistic(s: Sketch) -> None:
    ops = {n: s.trace.records[i] for n, i in s.live.items() if s.trace.records[i].kind == "op"}
    gemms = [n for n in ops if ops[n].op == "gemm"]
    update = [n for n in ops if ops[n].shape == [10]]
    rest = [n for n in ops if n not in gemms and n not in update]
    s.kernels({"gemm_0": ("library", gemms[:1], 112e-6), "softmax_cross_entropy": ("loop", rest, 23.6e-6),
               "gemm_1": ("library", gemms[1:], 119e-6), "col_sum_update": ("loop", update, 5.2e-6)})
    s.trace.buffers = [Buffer("b0", gemms[0], 20480.0, 0, 0, 3), Buffer("b1", rest[-1], 20480.0, 20480, 1, 3)]
    s.trace.facts = {"arena_bytes": 20480, "unplanned_bytes": 40960, "compile_seconds": 0.41}


SHAPES: dict[str, tuple[int, ...]] = {"W1": (64, 256), "b1": (256,), "W2": (256, 10), "b2": (10,)}
HIDDEN, OUT, COLUMN = {"shape": (None, 256)}, {"shape": (None, 10)}, {"shape": (None, 1)}
NET, LOSS, BACK = ({"group": [name], "origins": [i]} for i, name in ((0, "network"), (2, "cross_entropy"), (3, "gradient")))


def network() -> Trace:
    """One training step of a 64-256-10 network: relu, softmax cross-entropy, momentum."""
    s = Sketch("train", "train(x, y)")
    s.trace.origins = [Origin("digits.py", 12, "h = T.maximum(x @ W1 + b1, 0)", "network"),
                       Origin("digits.py", 13, "z = h @ W2 + b2", "network"),
                       Origin("digits.py", 14, "cost = T.mean(T.nn.cross_entropy(z, y))"),
                       Origin("digits.py", 20, "grads = T.grad(cost, parameters)")]
    n = {"x": s.node("input", shape=(None, 64), name="x"), "y": s.node("input", **OUT, name="y")}
    for name, shape in SHAPES.items():
        n[name], n[f"v{name}"] = s.node("shared", shape=shape, name=name), s.node("shared", shape=shape, name=f"v{name}")
    for value in ("0", "1", "0.05", "0.9"):
        n[value] = s.node("constant", value=value)
    _write_forward(s, n)
    _write_backward(s, n)
    _write_momentum(s, n)
    _optimise_network(s, n)
    return s.trace


def _write_forward(s: Sketch, n: dict[str, str]) -> None:
    n["a"] = s.node("add", s.node("dot", n["x"], n["W1"], **HIDDEN, **NET), n["b1"], **HIDDEN, **NET)
    n["h"] = s.node("maximum", n["a"], n["0"], **HIDDEN, **NET)
    n["z"] = z = s.node("add", s.node("dot", n["h"], n["W2"], **OUT, **NET), n["b2"], **OUT, **NET)
    e = s.node("exp", s.node("sub", z, s.node("max", z, **COLUMN, param="axis 1", **LOSS), **OUT, **LOSS), **OUT, **LOSS)
    n["p"] = s.node("div", e, s.node("sum", e, **COLUMN, param="axis 1", **LOSS), **OUT, **LOSS)
    n["log"] = s.node("log", n["p"], **OUT, **LOSS)
    total = s.node("sum", s.node("mul", n["y"], n["log"], **OUT, **LOSS), **LOSS)
    n["count"] = s.node("cast", s.node("shape_of", n["x"], dtype="int64", param="axis 0"), param="f32")
    n["cost"] = s.node("div", s.node("neg", total, **LOSS), n["count"], **LOSS)


def _write_backward(s: Sketch, n: dict[str, str]) -> None:
    n["scale"] = s.node("neg", s.node("div", n["1"], n["count"], **BACK), **BACK)
    dp = s.node("div", s.node("mul", n["y"], n["scale"], **OUT, **BACK), n["p"], **OUT, **BACK)
    n["dp_p"] = s.node("mul", dp, n["p"], **OUT, **BACK)
    n["row"] = s.node("sum", n["dp_p"], **COLUMN, param="axis 1", **BACK)
    n["dz"] = dz = s.node("mul", n["p"], s.node("sub", dp, n["row"], **OUT, **BACK), **OUT, **BACK)
    n["gW2"] = s.node("dot", s.node("transpose", n["h"], shape=(256, None), **BACK), dz, shape=(256, 10), **BACK)
    n["gb2"] = s.node("sum", dz, shape=(10,), param="axis 0", **BACK)
    dh = s.node("dot", dz, s.node("transpose", n["W2"], shape=(10, 256), **BACK), **HIDDEN, **BACK)
    da = s.node("where", s.node("greater", n["a"], n["0"], dtype="bool", **HIDDEN, **BACK), dh, n["0"], **HIDDEN, **BACK)
    n["gW1"] = s.node("dot", s.node("transpose", n["x"], shape=(64, None), **BACK), da, shape=(64, 256), **BACK)
    n["gb1"] = s.node("sum", da, shape=(256,), param="axis 0", **BACK)


def _write_momentum(s: Sketch, n: dict[str, str]) -> None:
    outputs, updates = {"cost": n["cost"]}, {}
    for name, shape in SHAPES.items():
        up = {"shape": shape, "group": ["momentum"], "origins": [3]}
        v = s.node("sub", s.node("mul", n[f"v{name}"], n["0.9"], **up), s.node("mul", n[f"g{name}"], n["0.05"], **up), **up)
        outputs[f"v{name}'"], outputs[f"{name}'"] = v, s.node("add", n[name], v, **up)
        updates[n[f"v{name}"]], updates[n[name]] = f"v{name}'", f"{name}'"
    s.start(outputs, updates)


def _optimise_network(s: Sketch, n: dict[str, str]) -> None:
    s.begin("canonicalise", "Puts equal things into one form.", 2.1e-3)
    s.begin("stabilise", "Replaces forms that lose digits or overflow.", 0.9e-3)
    soft = s.rewrite("softmax_of_parts", n["p"],
                     lambda: s.node("softmax", n["z"], **OUT, param="axis 1", made_by="softmax_of_parts", **LOSS),
                     formula="exp(z - max(z)) / sum(exp(z - max(z))) -> softmax(z)", why="One pass over a row.")
    s.rewrite("log_of_softmax", n["log"],
              lambda: s.node("log_softmax", n["z"], **OUT, param="axis 1", made_by="log_of_softmax", **LOSS),
              formula="log(softmax(z)) -> log_softmax(z)", why="The logarithm cancels the exponential.")
    s.rewrite("mul_of_div", n["dp_p"], lambda: s.node("mul", n["y"], n["scale"], **OUT, made_by="mul_of_div", **BACK),
              formula="(a / p) * p -> a")
    s.rewrite("distribute_softmax", n["dz"], lambda: s.node(
        "sub", s.node("mul", n["y"], n["scale"], **OUT, **BACK), s.node("mul", soft, n["row"], **OUT, **BACK),
        **OUT, made_by="distribute_softmax", **BACK), formula="p * (a / p - s) -> a - p * s")
    s.begin("use-blas", "Turns products into library calls.", 0.8e-3)
    for root, inputs, shape in (("a", ("x", "W1", "b1"), HIDDEN), ("z", ("h", "W2", "b2"), OUT)):
        s.rewrite("dot_add_to_gemm", n[root], lambda inputs=inputs, shape=shape: s.node(
            "gemm", *(n[i] for i in inputs), **shape, made_by="dot_add_to_gemm", **NET), formula="dot(a, b) + c -> gemm(a, b, c)")
    s.end()


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
        first, second = (ids[-1 - min(len(ids) - 1, int(draw.expovariate(rate)))] for rate in (0.25, 0.2))
        if draw.random() < 0.1:
            second = ids[draw.randrange(len(ids))]
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
    x = s.node("input", shape=(None, 784), name="x")
    W, b = s.node("shared", shape=(784, 10), name="W"), s.node("shared", shape=(10,), name="b")
    z = s.node("add", s.node("dot", x, W, **OUT), b, **OUT)
    log = s.node("log", s.node("softmax", z, **OUT), **OUT)
    s.start({"": log})
    s.begin("stabilise", "Replaces forms that lose digits or overflow.", 1e-4)
    s.rewrite("log_of_softmax", log, lambda: s.node("log_softmax", z, **OUT, made_by="log_of_softmax"),
              formula="log(softmax(z)) -> log_softmax(z)")
    s.begin("use-blas", "Turns products into library calls.", 1e-4)
    s.rewrite("dot_add_to_gemm", z, lambda: s.node("gemm", x, W, b, **OUT, made_by="dot_add_to_gemm"),
              formula="dot(a, b) + c -> gemm(a, b, c)")
    s.end()
    return s.trace
