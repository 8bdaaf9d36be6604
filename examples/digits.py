"""Train a network to read handwritten digits, and write a page that shows how it was compiled.

The network 64-256-10 is a handful of expressions. They are differentiated, rewritten, fused and compiled to C,
then run on the 1,797 digits that scikit-learn ships, a fifth of them held back to judge the result.

    python examples/digits.py --page demo/index.html
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits
from tqdm import tqdm

import tensorviz as tv
import tensorviz.tensor as T

BATCH = 64
LEARNING_RATE = 0.1
MOMENTUM = 0.9
GOAL = 0.97


@dataclass(frozen=True)
class Digits:
    """Images of 8 x 8 pixels between 0 and 1 as rows of 64, and what they show; a fifth is held back."""

    images: np.ndarray
    labels: np.ndarray
    held_images: np.ndarray
    held_labels: np.ndarray


def load(seed: int = 0) -> Digits:
    """The handwritten digits of scikit-learn, split the same way every time."""
    data = load_digits()
    images, labels = (data.data / 16).astype("float32"), data.target.astype("int64")
    order = np.random.default_rng(seed).permutation(len(images))
    held, kept = np.split(order, [len(order) // 5])
    return Digits(images[kept], labels[kept], images[held], labels[held])


def compile_network(seed: int = 0) -> tuple[tv.Function, tv.Function]:
    """The two functions of the example: `step(x, y)` trains on a batch, `accuracy(x, y)` judges."""
    rng = np.random.default_rng(seed)
    W1 = tv.shared((rng.standard_normal((64, 256)) * np.sqrt(2 / 64)).astype("float32"), name="W1")
    b1 = tv.shared(np.zeros(256, "float32"), name="b1")
    W2 = tv.shared((rng.standard_normal((256, 10)) * np.sqrt(1 / 256)).astype("float32"), name="W2")
    b2 = tv.shared(np.zeros(10, "float32"), name="b2")

    x = T.matrix("x", dtype="float32", shape=(None, 64))
    y = T.vector("y", dtype="int64")
    hidden = T.maximum(x @ W1 + b1, 0)
    scores = hidden @ W2 + b2
    p = T.softmax(scores, axis=1)
    target = T.cast(T.equal(y[:, None], T.arange(10)), "float32")
    loss = -T.mean(T.sum(target * T.log(p), axis=1))

    updates = {}
    weights = [W1, b1, W2, b2]
    for weight, slope in zip(weights, tv.grad(loss, weights), strict=True):
        velocity = tv.shared(np.zeros_like(weight.get_value()), name=f"v_{weight.name}")
        updates[velocity] = MOMENTUM * velocity - LEARNING_RATE * slope
        updates[weight] = weight + updates[velocity]

    step = tv.function([x, y], loss, updates=updates, name="step")
    accuracy = tv.function([x, y], T.mean(T.equal(T.argmax(scores, axis=1), y)), name="accuracy")
    return step, accuracy


def train(step: tv.Function, digits: Digits, epochs: int, seed: int = 0) -> list[float]:
    """Run `step` over shuffled batches with a progress bar; returns the seconds of every step."""
    rng = np.random.default_rng(seed)
    batches = len(digits.labels) // BATCH
    seconds = []
    with tqdm(total=epochs * batches, desc="training", unit=" steps", mininterval=0.25) as bar:
        for _ in range(epochs):
            for rows in rng.permutation(len(digits.labels))[: batches * BATCH].reshape(batches, BATCH):
                images, labels = digits.images[rows], digits.labels[rows]
                start = time.perf_counter()
                loss = step(images, labels)
                seconds.append(time.perf_counter() - start)
                bar.update()
            bar.set_postfix(loss=f"{float(loss):.4f}", refresh=False)
    return seconds


def main() -> int:
    """Train, judge, write the page; the exit status says whether the goal was reached."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--page", type=Path, default=Path("demo/index.html"), help="where the page goes")
    parser.add_argument("--epochs", type=int, default=40, help="how often every digit is seen (default 40)")
    options = parser.parse_args()

    digits = load()
    start = time.perf_counter()
    step, accuracy = compile_network()
    compiled = time.perf_counter() - start
    seconds = train(step, digits, options.epochs)
    reached = float(accuracy(digits.held_images, digits.held_labels))

    facts = {
        f"accuracy on {len(digits.held_labels)} held-back digits": f"{reached:.1%}".replace("%", " %"),
        "to compile both functions": f"{compiled * 1e3:.0f} ms",
        f"a training step of {BATCH} digits, median of {len(seconds)}": f"{statistics.median(seconds) * 1e6:.0f} µs",
    }
    options.page.parent.mkdir(parents=True, exist_ok=True)
    step.profile.run(digits.images[:BATCH], digits.labels[:BATCH], calls=500)
    step.to_html(options.page, title="tensorviz: a digits network, from expression to C", facts=facts)
    for name, fact in facts.items():
        print(f"{fact:>10}  {name}")
    print(f"the page:   {options.page.resolve()}")
    if reached < GOAL:
        print(f"the goal of {GOAL:.0%} was missed", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
