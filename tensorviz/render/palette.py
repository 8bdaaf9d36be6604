"""The colour roles of every picture, light and dark."""

from __future__ import annotations

from functools import cache

__all__ = ["FAMILIES", "css_variables", "roles"]

#: family of a trace -> role of its colour
FAMILIES = {"elementwise": "elem", "linalg": "linalg", "reduction": "reduce", "shape": "shape", "state": "state", "loop": "loop",
            "sparse": "sparse", "scan": "reduce", "order": "shape", "fft": "linalg", "fused": "fused", "leaf": "leaf"}

#: role: light, dark
_ROLES = """
bg #ffffff #111111
fg #1a1a1a #f2f2f2
fg2 #5a5f66 #b4b9c0
fg3 #646971 #9298a0
line #e0e0e0 #333639
line-strong #b4b8bf #5b6067
panel #f7f8f9 #191b1d
hover #eef1f4 #24272a
node #ffffff #1c1e20
edge #8d949d #767c84
accent #2063b0 #80bdfb
accent-bg #e6effa #16304b
elem #276fb1 #83bdf8
linalg #7859a9 #c2a8f1
reduce #955e05 #e3ab6a
shape #646d78 #afb8c4
state #9f4a76 #eb9bc1
loop #007c7c #57cccc
sparse #6a7300 #b5c06f
fused #5a5f66 #b4b9c0
leaf #5a5f66 #b4b9c0
elem-tint #e5edf6 #2f3a45
linalg-tint #eeeaf5 #393744
reduce-tint #f3ebe3 #3f372f
shape-tint #ebecee #36393d
state-tint #f5e8ee #40353c
loop-tint #e5efee #2a3c3e
sparse-tint #eceee3 #373b30
fused-tint #eaeaeb #37393c
add #047554 #5ed8a9
add-bg #e3f4ec #12291f
rem #b93917 #f48a64
rem-bg #fbeae4 #321b12
chg #714ca6 #c7aff5
chg-bg #f1ebf9 #282038
warn #925005 #f5b75b
warn-bg #fdf1dc #332511
err #b7191c #fb817a
err-bg #fdeaea #371918
group #f5f5f5 #181818
"""

#: fill, ink, outline and second card of each step of heat
_HEAT = {
    "light": """
#faf5e2 #000 #afaca0 #fdfbf2  #efdcb4 #000 #a89c82 #f8efdd  #e8bf85 #000 #a48963 #f5e2c9
#e4a058 #000 #a17446 #f5d5b6  #dc7f31 #000 #9c5f2f #f3c6a8  #d05e17 #000 #954a22 #efb89e
#bd3e17 #fff #89361f #e8ab9a  #a42221 #fff #792622 #dda098  #870b28 #fff #661a24 #d09798""",
    "dark": """
#251839 #fff #5b526d #1a1523  #491f55 #fff #795b82 #29192e  #742363 #fff #9c618c #3c1c34
#a12a62 #fff #bf6a8b #4e2033  #c93b54 #fff #dc7881 #5e272e  #e75b3d #000 #f08d76 #693327
#f7842d #000 #f9a774 #6f4224  #fbaf47 #000 #fac483 #70522d  #f8d880 #000 #f6e0a5 #6e6241""",
}


@cache
def roles(theme: str) -> dict[str, str]:
    """Role -> colour of the theme "light" or "dark".

    >>> roles("light")["add"], roles("dark")["h8"]
    ('#047554', '#f8d880')
    """
    column = 1 if theme == "light" else 2
    out = {row.split()[0]: row.split()[column] for row in _ROLES.split("\n") if row}
    heat = _HEAT[theme].split()
    for step in range(9):
        for i, letter in enumerate("hioc"):
            out[f"{letter}{step}"] = heat[4 * step + i]
    return out


def css_variables(theme: str) -> str:
    """The roles as CSS custom properties, ``--tv-bg:#ffffff;...``."""
    return "".join(f"--tv-{name}:{colour};" for name, colour in roles(theme).items())
