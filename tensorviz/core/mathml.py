"""LaTeX, as `latex` writes it, to MathML: formulas that a page shows offline, with no script."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape

__all__ = ["GREEK", "mathml_of"]

GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ϵ", "varepsilon": "ε", "zeta": "ζ", "eta": "η",
    "theta": "θ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ", "sigma":
    "σ", "tau": "τ", "upsilon": "υ", "phi": "ϕ", "varphi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω", "Gamma": "Γ", "Delta":
    "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ", "Upsilon": "Υ", "Phi": "Φ", "Psi": "Ψ", "Omega":
    "Ω",
}
OPERATORS = {
    "le": "≤", "leq": "≤", "ge": "≥", "geq": "≥", "ne": "≠", "neq": "≠", "approx": "≈", "sim": "∼", "times": "×", "cdot":
    "⋅", "odot": "⊙", "oplus": "⊕", "otimes": "⊗", "ast": "∗", "star": "⋆", "circ": "∘", "pm": "±", "land": "∧", "lor": "∨",
    "lnot": "¬", "wedge": "∧", "vee": "∨", "ll": "≪", "gg": "≫", "mid": "∣", "in": "∈", "to": "→", "rightarrow": "→",
    "leftarrow": "←", "Rightarrow": "⇒", "forall": "∀", "exists": "∃", "colon": ":", "backslash": "\\", "dots": "…",
    "ldots": "…", "cdots": "⋯", "%": "%", "&": "&", "#": "#", "$": "$", "_": "_", "{": "{", "}": "}", "|": "‖",
}
LETTERS = {**GREEK, "top": "⊤", "infty": "∞", "partial": "∂", "nabla": "∇", "ell": "ℓ", "prime": "′"}
FENCES = {"lfloor": "⌊", "rfloor": "⌋", "lceil": "⌈", "rceil": "⌉", "langle": "⟨", "rangle": "⟩", "lVert": "‖", "rVert": "‖",
          "lvert": "|", "rvert": "|", "{": "{", "}": "}"}
BIG = {"sum": "∑", "prod": "∏", "int": "∫"}
WORDS = frozenset((
    "log", "exp", "sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "max", "min", "det", "lim"))
SPACES = {",": "0.17em", ":": "0.22em", ";": "0.28em", "quad": "1em", "qquad": "2em", " ": "0.25em"}
IGNORED = frozenset({"displaystyle", "limits", "nolimits", "!"})
SIGNS = {"-": "−", "*": "∗", "'": "′"}
TABLES = {"cases": ("{", ""), "bmatrix": ("[", "]"), "pmatrix": ("(", ")"), "matrix": ("", ""), "aligned": ("", "")}
TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\d+(?:\.\d+)?|\s+|.", re.DOTALL)
DEEPEST = 100
TIGHT = ("", "}", "^", "_", "(", "\\left", "\\right", "\\big")
APPLIED = '<mspace width="0.17em"/>'


def mathml_of(latex: str, display: bool = False) -> str:
    r"""One `<math>` element for LaTeX of the kind that `latex` writes; what it does not know stays visible as text.

    >>> print(mathml_of(r"\frac{a}{2} < \alpha"))
    <math><mfrac><mi>a</mi><mn>2</mn></mfrac><mo>&lt;</mo><mi>α</mi></math>
    """
    reader = _Reader(latex)
    inner = ""
    while reader.at < len(reader.tokens):
        inner += "".join(reader.row(""))
        reader.at += 1                          # a closing brace too many: step over it
    start = '<math display="block">' if display else "<math>"
    return f"{start}{inner}</math>"


class _Reader:
    """Tokens of a formula and where we are in them. It goes as deep as braces do, which `latex` keeps small, and no deeper
    than DEEPEST: what is inside stays as text there."""

    def __init__(self, latex: str) -> None:
        self.tokens = TOKEN.findall(latex)
        self.at, self.depth = 0, 0
        self.applies = False            # whether the element taken last is a function, to be set apart from what follows

    def peek(self) -> str:
        """The next token that is no space, "" at the end."""
        while self.at < len(self.tokens) and self.tokens[self.at].isspace():
            self.at += 1
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self) -> str:
        """The next token, stepping over it."""
        token = self.peek()
        self.at += 1
        return token

    def row(self, *ends: str) -> list[str]:
        """Elements up to one of `ends` (not taken), with their sub- and superscripts."""
        found: list[str] = []
        while (token := self.peek()) and token not in ends and not (token == "}" and "}" not in ends):
            if token in "^_":
                found.append(self.scripts(found.pop() if found else "<mrow></mrow>"))
            else:
                self.applies = False
                element = self.element()
                if token == "-" and (not found or found[-1].startswith("<mo")):
                    element = '<mo form="prefix">−</mo>'
                if element:
                    found.append(element)
            if self.applies and self.peek() not in (*TIGHT, *ends):
                found.append(APPLIED)
                self.applies = False
        self.applies = False
        return found

    def scripts(self, base: str) -> str:
        """`base` with the sub- and superscripts that follow."""
        below = above = ""
        applies = self.applies
        while (token := self.peek()) and token in "^_":
            self.take()
            script = self.element()
            below, above = (script, above) if token == "_" else (below, script)
        self.applies = applies
        under = base.startswith("<mo movablelimits")
        if below and above:
            tag = "munderover" if under else "msubsup"
            return f"<{tag}>{base}{below}{above}</{tag}>"
        tag = ("munder" if under else "msub") if below else ("mover" if under else "msup")
        return f"<{tag}>{base}{below}{above}</{tag}>"

    def element(self) -> str:
        """The next element, "" for what has no form."""
        token = self.take()
        if token == "{":
            return self.braces()
        if token[:1] == "\\":
            return self.command(token[1:])
        if token.isdigit() or token[:1].isdigit():
            return f"<mn>{token}</mn>"
        if token.isalpha():
            return f"<mi>{escape(token)}</mi>"
        return operator(SIGNS.get(token, token)) if token else "<mrow></mrow>"

    def braces(self) -> str:
        """The inside of braces that are open, as one element."""
        if self.depth >= DEEPEST:
            return f"<mtext>{escape(self.raw())}</mtext>"
        self.depth += 1
        inner = self.row("}")
        self.depth -= 1
        self.take()
        return inner[0] if len(inner) == 1 else f"<mrow>{''.join(inner)}</mrow>"

    def raw(self) -> str:
        """The text up to the brace that closes the one taken last, spaces kept."""
        found, level = [], 1
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            self.at += 1
            level += {"{": 1, "}": -1}.get(token, 0)
            if not level:
                break
            if token not in "{}":
                found.append(token[1:] if len(token) == 2 and token[0] == "\\" else token)
        return "".join(found)

    def name(self) -> str:
        """The plain text of an argument in braces."""
        return self.raw() if self.take() == "{" else ""

    def command(self, name: str) -> str:
        """The element of ``\\name`` and its arguments."""
        special = COMMANDS.get(name)
        if special is not None:
            return special(self)
        if name in LETTERS:
            return f"<mi>{LETTERS[name]}</mi>"
        if name in WORDS:
            self.applies = True
            return f"<mi>{name}</mi>"
        if name in BIG:
            return f'<mo movablelimits="true">{BIG[name]}</mo>'
        if name in SPACES:
            return f'<mspace width="{SPACES[name]}"/>'
        if name in IGNORED:
            return ""
        if name in OPERATORS:
            return operator(OPERATORS[name])
        if name in FENCES:
            return f'<mo stretchy="false">{FENCES[name]}</mo>'
        return f"<mtext>\\{escape(name)}</mtext>"


def operator(sign: str) -> str:
    """A sign, bracket or comma."""
    return f'<mo stretchy="false">{sign}</mo>' if sign in "()[]{}|" else f"<mo>{escape(sign)}</mo>"


def _frac(r: _Reader) -> str:
    top = r.element()
    return f"<mfrac>{top}{r.element()}</mfrac>"


def _sqrt(r: _Reader) -> str:
    if r.peek() != "[":
        return f"<msqrt>{r.element()}</msqrt>"
    r.take()
    degree = "".join(r.row("]"))
    r.take()
    return f"<mroot>{r.element()}<mrow>{degree}</mrow></mroot>"


def _left(r: _Reader) -> str:
    if r.depth >= DEEPEST:
        return operator(_fence(r.take()))
    r.depth += 1
    opening = _fence(r.take())
    inner = "".join(r.row("\\right"))
    r.take()
    r.depth -= 1
    return f"<mrow>{_fenced(opening)}{inner}{_fenced(_fence(r.take()))}</mrow>"


def _function(r: _Reader) -> str:
    found = _upright(r)
    r.applies = True
    return found


def _fence(token: str) -> str:
    return FENCES.get(token[1:], token[1:]) if token[:1] == "\\" else "" if token == "." else token


def _fenced(sign: str) -> str:
    return f'<mo stretchy="true" fence="true">{escape(sign)}</mo>' if sign else ""


def _upright(r: _Reader) -> str:
    name = r.name()
    return f'<mi mathvariant="normal">{escape(name)}</mi>' if len(name) == 1 else f"<mi>{escape(name)}</mi>"


def _bold(r: _Reader) -> str:
    """Letters as those that are bold by themselves: browsers know no other bold in formulas."""
    first = {"A": 0x1D400, "a": 0x1D41A}
    letters = (next((chr(bold + ord(c) - ord(a)) for a, bold in first.items() if 0 <= ord(c) - ord(a) < 26), c) for c in r.name())
    return f"<mi>{escape(''.join(letters))}</mi>"


def _mathop(tag: str) -> Callable[[_Reader], str]:
    return lambda r: f"<{tag}>{escape(r.name())}</{tag}>"


def _table(r: _Reader) -> str:
    kind = r.name()
    left, right = TABLES.get(kind, ("", ""))
    r.depth += 1
    rows: list[list[str]] = [[]]
    while (token := r.peek()) and token != "\\end":
        rows[-1].append("".join(r.row("&", "\\\\", "\\end")))
        if r.peek() == "\\\\":
            rows.append([])
        if r.peek() in ("&", "\\\\") or r.peek() == "}":
            r.take()
    r.take()
    r.name()
    r.depth -= 1
    sides = {"aligned": ("right", "left"), "cases": ("left", "left")}.get(kind, ())
    body = "".join(f"<mtr>{''.join(_cell(cell, k, sides) for k, cell in enumerate(row))}</mtr>" for row in rows if row)
    align = f' columnalign="{" ".join(sides)}"' if sides else ""
    style = ' displaystyle="true"' if kind == "aligned" else ""
    return f"<mrow>{_fenced(left)}<mtable{align}{style}>{body}</mtable>{_fenced(right)}</mrow>"


def _cell(inner: str, column: int, sides: tuple[str, ...]) -> str:
    # Firefox reads columnalign of the table, other browsers only the style of the cell.
    return f'<mtd style="text-align: {sides[column]}">{inner}</mtd>' if column < len(sides) else f"<mtd>{inner}</mtd>"


COMMANDS: dict[str, Callable[[_Reader], str]] = {
    "frac": _frac, "sqrt": _sqrt, "left": _left, "operatorname": _function, "mathrm": _upright, "mathit": _mathop("mi"),
    "text": _mathop("mtext"), "mathbin": _mathop("mo"), "mathrel": _mathop("mo"),
    "begin": _table, "bmod": lambda r: '<mo lspace="0.22em" rspace="0.22em">mod</mo>',
    "mathbf": _bold, "bar": lambda r: f"<mover>{r.element()}<mo>‾</mo></mover>",
    "overline": lambda r: f"<mover>{r.element()}<mo>‾</mo></mover>", "hat": lambda r: f"<mover>{r.element()}<mo>^</mo></mover>",
}
