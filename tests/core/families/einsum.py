"""`einsum`: every form of subscripts, two and more operands, and `einsum` of one."""

from __future__ import annotations

import numpy as np

from tensorviz.core.op import BUILDERS as B
from tests.core.cases import NUMBERS, case

LENGTHS = {"i": 2, "j": 3, "k": 4, "l": 5, "b": 2, "n": 0, "o": 1}


def summed(text: str, *shapes: tuple[int, ...], **fields: object) -> None:
    """A row for subscripts; shapes follow from the letters unless given."""
    found = shapes or tuple(tuple(LENGTHS[c] for c in part) for part in text.split("->")[0].split(","))
    case(f"einsum-{text}", lambda *xs: B["einsum"](text, *xs), lambda *xs: np.einsum(text, *xs), *found, **fields)  # type: ignore[arg-type]


for _number, _lists in enumerate((([..., 0], [..., 0], [...]), ([..., 0], [..., 0]), ([0, ...], [0, 1], [1, ...]), ([0, ...], [..., 0], [..., 0]))):
    _shapes = ((2, 3, 4), (3, 4)) if _number < 2 else ((2, 3, 4), (2, 4)) if _number == 2 else ((2, 3), (3, 2))
    case(f"einsum-lists-{_number}", lambda x, y, v=_lists: B["einsum"](x, v[0], y, v[1], *v[2:]),
         lambda x, y, v=_lists: np.einsum(x, v[0], y, v[1], *v[2:]), *_shapes)
case("einsum-list-alone", lambda x: B["einsum"](x, [0, ..., 1], [1, ..., 0]), lambda x: np.einsum(x, [0, ..., 1], [1, ..., 0]), (2, 3, 4))
for _text in ("ij,jk->ik", "ii->i", "ij->", "ij,ij->i", "bij,bjk->bik"):
    summed(_text, dtypes=(*NUMBERS, "complex128") if _text != "ii->i" else ("float64",))
for _text in ("ij", "ba", "ij->ji", "ii", "iij->ij", "jiib->bj", "ij,jk", "ij,kj->ik", "ji,jk->ik", "ji,kj->ki", "i,i", "i,j", "i,j->ji", "ij,j",
              "j,ij", "ij,ij", "ij,ji", "ij,i->j", "bij,bj->bi", "bi,bj->bij", "ijk,jil->kl", "ijk->ki", "ijk->j", "ijkl,lk->ij", "kij,kil->kjl",
              "bijk,bkl->bijl", "ibj,jbk->kib", "ij,nj->in", "ni,nj->ij", "in,nj->ij", "oi,oj->ij", "oi,oj->oij", "ij,kl->il", ",ij->ij"):
    if "a" not in _text:
        summed(_text)
summed("ba", (2, 3))
summed("ij,jk,kl->il")
summed("ij,jk,kl,li->")
summed("ij,ik,il->jkl")
summed("i,ij,j->")
summed("bij,bjk,bkl->bil")
summed("ij,j,j,jk->ik")
summed("...ij,...jk->...ik", (6, 2, 3), (6, 3, 4))
summed("...ij,jk", (6, 2, 3), (3, 4))
summed("i...,i...->...", (2, 3), (2, 3))
summed("...->...", (2, 3))
summed("i...->...", (2, 3, 4))
summed("...,...", (2, 3), (3,))
summed("ij,...j->i...", (2, 3), (5, 4, 3))
summed("ij,jk->ik", (2, 1), (3, 4), fixed=True)
summed("ij,ij->j", (1, 3), (2, 3), fixed=True)
summed("...i,...i->...", (1, 3), (2, 3), fixed=True)
case("einsum-numbers", lambda x, y: B["einsum"](x, [0, 1], y, [2, 1], [2, 0]), lambda x, y: np.einsum(x, [0, 1], y, [2, 1], [2, 0]), (2, 3),
     (4, 3))
case("einsum-numbers-open", lambda x, y: B["einsum"](x, [7, 3], y, [3, 5]), lambda x, y: np.einsum(x, [7, 3], y, [3, 5]), (2, 3), (3, 4))
case("einsum-numbers-dots", lambda x: B["einsum"](x, [0, ..., 0]), lambda x: np.einsum(x, [0, ..., 0]), (2, 3, 2))
case("einsum-greedy", lambda x, y, z: B["einsum"]("ij,jk,kl->il", x, y, z, optimize="greedy"), lambda x, y, z: x @ y @ z, (2, 3), (3, 4), (4, 5))
case("einsum-in-order", lambda x, y, z: B["einsum"]("ij,jk,kl->il", x, y, z, optimize=False), lambda x, y, z: x @ y @ z, (2, 3), (3, 4), (4, 5))
case("einsum-path", lambda x, y, z: B["einsum"]("ij,jk,kl->il", x, y, z, optimize=["einsum_path", (0, 1), (0, 1)]),
     lambda x, y, z: x @ y @ z, (2, 3), (3, 4), (4, 5))
