"""Places boxes and routes edges: our own layered layout, one algorithm in two languages.

`widgets/static/layout.js` follows these steps with the same numbers; `tests/render/fixtures/layout_*.json` hold both
to the same answers. To keep them equal: IEEE doubles with ``+ - * /`` and ``floor`` only, sums in list order,
stable sorts, no hashing order, and `half(v) = floor(v + 0.5)` wherever a number is rounded.

**Input.** Boxes in order (`id, w, h`, and room kept free `below` and to the `right` for names; all whole numbers, w even);
edges `(source id, target id, lane)` in drawing order, repeats kept; `gap` between ranks; optionally the layout to start from.
A *lane* is a word: edges of one source in one lane share their way (kept and removed edges have two lanes).

1. **Ranks** (`ranks.py`). Nodes in Kahn's order (first in, first out, by box order; in a cycle the lowest box left goes
   next and edges that then point back are not ranked). Forwards: rank = 1 + largest rank of the inputs. A node
   *floats* if all its inputs float and it is a leaf or has one reader. Backwards: a node with more readers than inputs
   that do not float sinks to 1 above its highest reader. The smallest rank becomes 0.
   With a seed: rank = the larger of the old rank and 1 + the largest of the inputs; only new nodes sink; a new leaf starts
   1 above its highest old reader.
2. **Lanes** (`ranks.py`). For each source and lane, one bend (a vertex without width) on every rank strictly between the
   source and the lowest target; edges leave that trunk where their target lies one rank lower. While more than `BENDS` bends
   would be made, the longest span that is routed is halved; longer edges are drawn directly.
3. **Order** (`order.py`). Ranks start in vertex order (boxes, then bends). Sweeps alternate down and up, `SWEEPS` in all: a
   rank is sorted by (connected part, mean place of the neighbours in the rank just visited), a place being `i - (len - 1) / 2`;
   without such neighbours the mean place on the other side, else its own. The order with the fewest crossings seen
   is kept, then neighbours are swapped while that lessens crossings (at most `SWAPS` rounds, up to `SWAP_LIMIT` vertices).
4. **Across** (`place.py`). From packed ranks: `ROUNDS` times down, then up, each rank is moved by isotonic regression (pool
   adjacent violators) to the weighted means of neighbours: of the rank just visited in the first two rounds, then of both.
   Then *straightening*: chains (a trunk; a box and its one reader if that has no other inner input) move as one piece to the
   mean of what they touch, as far as there is room; whole numbers only from here on. Least distances are whole numbers too:
   16 between boxes (32 between unconnected parts, but with a seed), 12 beside a bend, 10 between bends.
5. **Down** (`place.py`). Rank r is a band as high as its boxes; the space to the next is `gap` and up to `SLANT` more where
   edges run far sideways. With a seed old bands stay.
6. **Seed** (`seed.py`) replaces 3 and 4: what keeps its rank keeps its x, exactly; what is new goes to the free place nearest
   to its wish (seeded x, else the mean of its placed neighbours); only if none is within `REACH` do the others make room, by
   isotonic regression with the weights 20 and 1.
7. **Routes** (`routes.py`). In-ports are ordered by where the edge comes from; out-ports stand above where it goes to, so
   that edges are vertical where they can be. A route is a list of points: vertical inside bands, free to curve only between.
"""

from .ranks import Graph, rank_boxes
from .solve import Box, Layout, layout

__all__ = ["Box", "Graph", "Layout", "layout", "rank_boxes"]
