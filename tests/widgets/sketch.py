"""A few lines that record a compilation by hand: traces for the tests of the screens, without a compiler."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tensorviz.render.trace import Binding, Condition, Event, NearMiss, Node, Origin, Pass, Trace


class Sketch:
    """A graph under change; every `rewrite` is recorded as an event of the current pass."""

    def __init__(self, name: str, signature: str, nodes: list[Node], outputs: dict[str, str], origins: list[Origin]):
        self.now = {n.id: n for n in nodes}
        self.trace = Trace(name=name, signature=signature, records=list(nodes), initial=list(range(len(nodes))),
                           outputs=list(outputs.values()), output_names=list(outputs), origins=origins)
        self.number = {n.id: i for i, n in enumerate(nodes)}
        self.outputs = list(outputs.values())

    def begin(self, name: str, doc: str, seconds: float = 4e-4) -> None:
        """Start a pass."""
        at = len(self.trace.events)
        self.trace.passes.append(Pass(name=name, doc=doc, first=at, last=at, seconds=seconds, nodes=len(self.now), cost=self.cost()))

    def cost(self) -> list[float]:
        """Seconds, flops, bytes of the graph as it is."""
        live = list(self.now.values())
        return [sum(n.seconds for n in live), sum(n.flops for n in live), sum(n.bytes for n in live)]

    def rewrite(self, rule: str, root: str, new: list[Node], result: str, matched: list[str], **more: Any) -> None:
        """Replace `root` by `result` (one of `new` or a node that is there); what nobody reads any more leaves."""
        before = dict(self.now)
        for node in new:
            self.now[node.id] = replace(node, made_by=rule)
        changed = [n for n in self.now.values() if root in n.inputs and n.id not in {x.id for x in new}]
        for n in changed:
            self.now[n.id] = replace(n, inputs=[result if i == root else i for i in n.inputs], made_by=n.made_by)
        outputs = [result if o == root else o for o in self.outputs]
        self.sweep(outputs)
        removed = [self.number[i] for i, n in before.items() if self.now.get(i) is not n]
        added = []
        for i, n in self.now.items():
            if before.get(i) is not n:
                self.trace.records.append(n)
                self.number[i] = len(self.trace.records) - 1
                added.append(self.number[i])
        event = Event(rule=rule, root=root, result=result, before=matched, after=[n.id for n in new], removed=removed, added=added,
                      outputs=outputs if outputs != self.outputs else None, seconds=more.pop("seconds", 3.3e-5), **more)
        event.cost_before = self.side(before, set(matched) | {root})
        event.cost_after = self.side(self.now, {n.id for n in new})
        self.outputs = outputs
        self.trace.events.append(event)
        self.close(rule, event.seconds)

    @staticmethod
    def side(nodes: dict[str, Node], ids: set[str]) -> list[float]:
        here = [nodes[i] for i in ids if i in nodes]
        return [sum(n.seconds for n in here), sum(n.flops for n in here), sum(n.bytes for n in here)]

    def close(self, rule: str, seconds: float) -> None:
        p = self.trace.passes[-1]
        p.last, p.nodes, p.cost = len(self.trace.events), len(self.now), self.cost()
        hits, total = p.rules.get(rule, [0.0, 0.0])
        p.rules[rule] = [hits + 1, total + seconds]

    def sweep(self, outputs: list[str]) -> None:
        """Drop what no output reads."""
        keep, stack = set(), list(outputs)
        while stack:
            i = stack.pop()
            if i not in keep:
                keep.add(i)
                stack.extend(self.now[i].inputs)
        self.now = {i: n for i, n in self.now.items() if i in keep}


def op(id: str, what: str, inputs: str, shape: list[int | None], family: str = "elementwise", **more: Any) -> Node:
    """A node of an op, float32, with costs by size."""
    size = 1.0
    for n in shape:
        size *= n or 64
    cost = {"seconds": size * 1.2e-9 + 2e-6, "flops": size, "bytes": 8 * size}
    return Node(id=id, op=what, family=family, inputs=inputs.split(), dtype="float32", shape=list(shape), **{**cost, **more})


def leaf(id: str, kind: str, shape: list[int | None], name: str = "", value: str = "") -> Node:
    """An input, a shared value or a constant."""
    return Node(id=id, op=kind, family="leaf", kind=kind, dtype="float32", shape=list(shape), name=name, value=value)


LOG_SOFTMAX = ("<math><mrow><mi>z</mi><mo>−</mo><mi>log</mi><munder><mo>∑</mo><mi>j</mi></munder>"
               "<msup><mi>e</mi><msub><mi>z</mi><mi>j</mi></msub></msup></mrow></math>")
FILLED = ("<math><mrow><mi>log</mi><mo>(</mo><mi>softmax</mi><mo>(</mo><mi class=\"bound\">z</mi><mo>)</mo><mo>)</mo>"
          "<mo class=\"arrow\">→</mo><mi class=\"bound\">z</mi><mo>−</mo><mi>log</mi><munder><mo>∑</mo><mi>j</mi></munder>"
          "<msup><mi>e</mi><msub><mi class=\"bound\">z</mi><mi>j</mi></msub></msup></mrow></math>")


def training_step() -> Trace:
    """The gradient step of softmax regression: 8 passes, two of which change nothing."""
    big, row = [512, 10], [10]
    source = [Origin("cell 3", 2, "p = T.softmax(x @ W + b)", "step"), Origin("cell 3", 4, "cost = -T.mean(T.sum(y * T.log(p), axis=1))", "step"),
              Origin("cell 3", 5, "gW, gb = T.grad(cost, [W, b])", "step")]
    at0, at1, at2 = {"origins": [0]}, {"origins": [1]}, {"origins": [2]}
    nodes = [
        leaf("n0", "input", [512, 784], "x"), leaf("n1", "shared", [784, 10], "W"), leaf("n2", "shared", row, "b"), leaf("n3", "input", big, "y"),
        leaf("n4", "constant", [], value="1/512"), leaf("n5", "constant", [], value="0.1"), leaf("n6", "constant", [], value="1.0"),
        op("n7", "dot", "n0 n1", big, "linalg", seconds=1.2e-4, **at0), op("n8", "add", "n7 n2", big, **at0),
        op("n9", "softmax", "n8", big, "reduction", seconds=2e-5, mathml="<math><mi>softmax</mi><mi>z</mi></math>", **at0),
        op("n10", "log", "n9", big, **at1), op("n11", "mul", "n3 n10", big, **at1),
        op("n12", "sum", "n11", [], "reduction", param="", **at1), op("n13", "mul", "n12 n4", [], **at1), op("n14", "neg", "n13", [], **at1),
        op("n15", "mul", "n3 n4", big, **at2), op("n16", "div", "n15 n9", big, **at2), op("n17", "mul", "n16 n9", big, **at2),
        op("n18", "sum", "n17", [512, 1], "reduction", param="axis 1", **at2), op("n19", "mul", "n9 n18", big, **at2),
        op("n20", "sub", "n17 n19", big, **at2), op("n21", "transpose", "n0", [784, 512], "shape", seconds=0.0, **at2),
        op("n22", "dot", "n21 n20", [784, 10], "linalg", seconds=1.3e-4, **at2), op("n23", "sum", "n20", row, "reduction", param="axis 0", **at2),
        op("n24", "mul", "n22 n5", [784, 10]), op("n25", "mul", "n23 n5", row), op("n26", "mul", "n1 n6", [784, 10]),
        op("n27", "sub", "n26 n24", [784, 10]), op("n28", "sub", "n2 n25", row),
    ]
    k = Sketch("step", "step(x, y)", nodes, {"cost": "n14", "W'": "n27", "b'": "n28"}, source)
    k.trace.updates = {"n1": 1, "n2": 2}
    k.begin("canonicalise", "Writes equal things one way.", 1.9e-3)
    k.rewrite("mul_one", "n26", [], "n1", ["n26", "n6"], formula="x * 1 -> x", why="One is the neutral element of the product.",
              exactness="exact in floating point", source="rules/algebra.py:12", bindings=[Binding("x", "n1", "W", "<mi>W</mi>", "f32 784×10")],
              filled_mathml="<math><mi>W</mi><mo>·</mo><mn>1</mn><mo class=\"arrow\">→</mo><mi>W</mi></math>",
              conditions=[Condition("x keeps its type")])
    c1 = leaf("n29", "constant", [], value="−1/512")
    k.rewrite("neg_of_mul", "n14", [c1, op("n30", "mul", "n12 n29", [], **at1)], "n30", ["n14", "n13", "n4"], formula="-(x * c) -> x * -c",
              why="A sign moves into a constant.", exactness="exact in floating point", source="rules/algebra.py:31",
              bindings=[Binding("x", "n12", "sum(y * log(p))", "", "f32 scalar"), Binding("c", "n4", "1/512", "", "f32 scalar")])
    k.begin("stabilise", "Replaces forms that lose digits or overflow.", 6e-4)
    k.rewrite("log_of_softmax", "n10", [op("n31", "log_softmax", "n8", big, "reduction", mathml=LOG_SOFTMAX, seconds=1.2e-5, **at1)], "n31", ["n10", "n9"],
              formula="log(softmax(z)) -> z - logsumexp(z)", filled_mathml=FILLED, formula_mathml=FILLED, seconds=4.1e-5,
              why="The logarithm cancels the exponential, so a probability that rounds to 0 no longer becomes −inf.",
              exactness="exact in real arithmetic", source="rules/stable.py:48",
              bindings=[Binding("z", "n8", "dot(x, W) + b", "<mi>z</mi>", "f32 512×10")],
              conditions=[Condition("softmax runs over the last axis"), Condition("dtype is a float", True, "f32"), Condition("both sides have one type")],
              near_misses=[NearMiss("reuse_exp_of_log_softmax", "n9", "Needs one reader of softmax; it has 3."),
                           NearMiss("dot_add_to_gemm", "n8", "Holds, but its pass use-blas comes later.")],
              checks=[{"drawn": "normal × 1", "difference": 4.8e-7, "bad_before": 0, "bad_after": 0},
                      {"drawn": "normal × 10", "difference": 3.8e-6, "bad_before": 0, "bad_after": 0},
                      {"drawn": "normal × 100", "difference": 0.51, "bad_before": 3312, "bad_after": 0}])
    k.rewrite("mul_of_div", "n17", [], "n15", ["n17", "n16"], formula="(a / b) * b -> a", why="Dividing by b and multiplying by it cancel.",
              exactness="assumes finite", source="rules/stable.py:90",
              bindings=[Binding("a", "n15", "y * 1/512"), Binding("b", "n9", "softmax(z)")], conditions=[Condition("b is not 0", True, "softmax is positive")])
    k.begin("linear-algebra", "Uses what is known of matrices.", 2e-4)
    k.begin("use-blas", "Turns products into calls of BLAS.", 4e-4)
    k.rewrite("dot_add_to_gemm", "n8", [op("n32", "gemm", "n0 n1 n2", big, "linalg", seconds=1.1e-4, **at0)], "n32", ["n8", "n7"],
              formula="dot(a, b) + c -> gemm(a, b, c)", why="One call of BLAS does both.", exactness="exact in real arithmetic", source="rules/blas.py:20",
              bindings=[Binding("a", "n0", "x"), Binding("b", "n1", "W"), Binding("c", "n2", "b")])
    k.rewrite("dot_of_transpose", "n22", [op("n33", "gemm", "n0 n20", [784, 10], "linalg", param="Aᵀ", seconds=1.2e-4, **at2)], "n33", ["n22", "n21"],
              formula="dot(a.T, b) -> gemm(a, b, trans)", why="BLAS reads a transposed without a copy.", exactness="exact in floating point",
              source="rules/blas.py:44", bindings=[Binding("a", "n0", "x"), Binding("b", "n20", "dz")])
    k.begin("hoist-loops", "Moves what does not change out of loops.", 1e-4)
    return k.trace


def chain(length: int, every: int = 7) -> Trace:
    """A long random-looking graph with one rewrite that removes a node in every `every`."""
    nodes = [leaf("n0", "input", [64, 64], "x")]
    for i in range(1, length):
        far = max(0, i - 1 - (i * 7919) % 9)
        nodes.append(op(f"n{i}", ["mul", "add", "exp", "sum", "dot"][i % 5], f"n{i - 1} n{far}" if i % 3 else f"n{i - 1}", [64, 64],
                        ["elementwise", "elementwise", "elementwise", "reduction", "linalg"][i % 5]))
    k = Sketch("chain", "chain(x)", nodes, {"y": f"n{length - 1}"}, [])
    k.begin("simplify", "Drops what is not needed.")
    for i in range(5, length - 2, every):
        k.rewrite("drop", f"n{i}", [], f"n{i - 1}", [f"n{i}"], formula="f(x) -> x", bindings=[Binding("x", f"n{i - 1}", "x")])
    return k.trace


def hostile() -> Trace:
    """Names and texts that would run if they were pasted into a page."""
    evil = "<script>alert(1)</script>"
    nodes = [leaf("n0", "input", [3], evil), leaf("n1", "input", [3], "\"><img src=x onerror=alert(2)>"), leaf("n2", "input", [None], "שלום"),
             op("n3", "add", "n0 n1", [3], param="'\"`${x}</style>", mathml="<math><mi onclick=\"alert(3)\">x</mi><script>alert(4)</script></math>", origins=[0]),
             op("n4", "mul", "n3 n2", [3], name=evil, mathml="<math><img src=x onerror=alert(5)></math>")]
    k = Sketch(evil, f"{evil}(x)", nodes, {evil: "n4"}, [Origin(evil, 1, evil, evil)])
    k.begin(evil, evil)
    k.rewrite(evil, "n3", [op("n5", evil, "n0 n1", [3], origins=[0])], "n5", ["n3"], formula=evil, filled_mathml=f"<math><mtext>{evil}</mtext></math>",
              formula_mathml="<math><a href=\"javascript:alert(6)\">x</a></math>", why=evil, exactness=evil, source=evil,
              bindings=[Binding(evil, "n0", evil, evil, evil)], conditions=[Condition(evil, False, evil)], near_misses=[NearMiss(evil, "n4", evil)],
              checks=[{"drawn": evil, "difference": evil, "bad_before": evil, "bad_after": evil}])
    return k.trace
