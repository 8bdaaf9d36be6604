"""Writes the tables of compile/functions (special_tables.c, ...): the polynomials of special functions on pieces of the line.

Each is the Chebyshev interpolant (as powers of the distance from the middle) of a function that mpmath evaluates to 50 digits,
with as many terms as keep its relative error below 2**-56. `python scripts/special_tables.py` takes some minutes; after it the
names of files write these alone.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mpmath as mp
from mpmath import mpf

FOLDER = Path(__file__).parents[1] / "tensorviz" / "compile" / "functions"
GOAL = mpf(2) ** -56
mp.mp.dps = 50
Function = Callable[[Any], Any]


def fit(f: Function, low: Any, high: Any) -> tuple[Any, list[Any]]:
    """The middle of [low, high] and the coefficients of powers of the distance from it."""
    low, high = mpf(low), mpf(high)
    middle = mpf(float((low + high) / 2))           # just about: the ends move by as little
    half = (high - low) / 2
    probe = [middle + half * mp.cos(mp.pi * (k + mpf(1) / 3) / 23) for k in range(23)]
    meant = [f(x) for x in probe]
    for count in range(5, 34):
        nodes = [mp.cos(mp.pi * (2 * k + 1) / (2 * count)) for k in range(count)]
        values = [f(middle + half * u) for u in nodes]
        series = [2 * mp.fsum(v * mp.cos(mp.pi * j * (2 * k + 1) / (2 * count)) for k, v in enumerate(values)) / count
                  for j in range(count)]
        series[0] /= 2
        found = [c / half**k for k, c in enumerate(chebyshev_powers(series))]
        if max(abs(mp.polyval(found[::-1], x - middle) / m - 1) for x, m in zip(probe, meant, strict=True)) < GOAL:
            return middle, found
    raise ValueError(f"not to be had on [{low}, {high}]")


def chebyshev_powers(series: list[Any]) -> list[Any]:
    """A sum of Chebyshev polynomials as powers."""
    out = [mpf(0)] * len(series)
    before, now = [mpf(1)], [mpf(0), mpf(1)]
    for c in series:
        for k, p in enumerate(before):
            out[k] += c * p
        before, now = now, [2 * a - b for a, b in zip([mpf(0), *now], [*before, *[mpf(0)] * 2], strict=True)]
    return out


def section(name: str, doc: str, f: Function, low: Any, high: Any) -> str:
    """A function of C."""
    middle, powers = fit(f, low, high)
    numbers = [repr(float(c)) for c in powers]
    print(f"{name}: degree {len(powers) - 1}", file=sys.stderr, flush=True)
    lines, line = [], "    return "
    for k, number in enumerate(numbers):
        item = number if k == len(numbers) - 1 else f"{number} + h * ("
        if len(line) + len(item) > 126:
            lines.append(line.rstrip())
            line = "        "
        line += item
    lines.append(line + ")" * (len(numbers) - 1) + ";")
    shift = f" - {float(middle)!r}" if middle else ""
    return (f"/*@ {name} f64 */\n/* {doc}, on [{mp.nstr(mpf(low), 6)}, {mp.nstr(mpf(high), 6)}] */\n"
            f"static inline double tv_{name}_f64(double x)\n{{\n    const double h = x{shift};\n" + "\n".join(lines) + "\n}\n")


# -- the functions ---------------------------------------------------------------------------------------------------------
def erfcx(x: Any) -> Any:
    """exp(x**2) erfc(x)."""
    return mp.exp(x * x) * mp.erfc(x)


def erfcinv(y: Any) -> Any:
    """By Newton's method on log(erfc)."""
    if y > mpf("0.3"):
        return mp.erfinv(1 - y)
    x = mp.sqrt(-mp.log(y * mp.sqrt(-mp.pi * mp.log(y))))
    for _ in range(60):
        step = mp.log(mp.erfc(x) / y) * mp.erfc(x) * mp.exp(x * x) * mp.sqrt(mp.pi) / 2
        x += step
        if abs(step) < mpf(10) ** -45 * x:
            break
    return x


def phase(n: int) -> tuple[Function, Function]:
    """P and Q x of Hankel's form sqrt(2 / (pi x)) (P cos w - Q sin w) of the Bessel functions, as functions of 1 / x**2."""
    def parts(s: Any) -> tuple[Any, Any, Any]:
        x = 1 / mp.sqrt(s)
        w = x - (2 * n + 1) * mp.pi / 4
        j, y, scale = mp.besselj(n, x), mp.bessely(n, x), mp.sqrt(mp.pi * x / 2)
        return scale * (j * mp.cos(w) + y * mp.sin(w)), scale * (y * mp.cos(w) - j * mp.sin(w)) * x, x

    return lambda s: parts(s)[0], lambda s: parts(s)[1]


def zero(f: Function, near: Any) -> Any:
    """The zero of f near a point."""
    return mp.findroot(f, mpf(near))


def stirling(x: Any) -> Any:
    """gamma(x) over its leading term."""
    return mp.exp(mp.loggamma(x) - (x - mpf(1) / 2) * mp.log(x) + x)


def sections() -> list[str]:
    """Those of the families of the error and gamma functions."""
    s, out = section, []
    lead, root = lambda t: 2 / t - 2, mp.sqrt
    out.append(s("erfcx_2", "erfcx(x)", erfcx, 0, "0.75"))
    for k, (a, b) in enumerate(((0, "0.375"), ("0.375", "0.75"))):
        out.append(s(f"erfcx_{k}", "erfcx(2 / x - 2) / x", lambda t: erfcx(lead(t)) / t, a, b))
    out.append(s("erfinv_0", "erfinv(r) / r over r**2", lambda z: mp.erfinv(root(z)) / root(z), 0, "0.25"))
    for k, (a, b) in enumerate((("0.75", 2), (2, 4), (4, 9)), 1):
        out.append(s(f"erfinv_{k}", "erfcinv(exp(-x**2)) / x", lambda t: erfcinv(mp.exp(-t * t)) / t, a, b))
    out.append(s("erfinv_4", "x erfcinv(exp(-1 / x**2))", lambda u: erfcinv(mp.exp(-1 / (u * u))) * u, mpf(9) / 256, mpf(1) / 8))

    halves = ((1, 2), (2, 4), (4, 8))
    for k, (a, b) in enumerate(halves):
        out.append(s(f"gammaln_{k}", "gammaln(x) / ((x - 1) (x - 2))", lambda x: mp.loggamma(x) / ((x - 1) * (x - 2)), a, b))
    out.append(s("gammaln_3", "x (gammaln(x) - (x - 1/2) log x + x - log(2 pi) / 2) over 1 / x**2",
                 lambda z: (mp.log(stirling(1 / root(z))) - mp.log(2 * mp.pi) / 2) / root(z), 0, mpf(1) / 64))
    for k, (a, b) in enumerate(((1, 2), (2, "3.5"), ("3.5", 5))):
        out.append(s(f"gamma_{k}", "gamma(x)", mp.gamma, a, b))
    out.append(s("gamma_3", "gamma(x) exp(x) x**(1/2 - x) over 1 / x", lambda z: stirling(1 / z), 0, "0.203125"))
    start = zero(mp.digamma, "1.46")
    for k, (a, b) in enumerate(halves):
        out.append(s(f"digamma_{k}", "digamma(x) / (x - its zero)", lambda x: mp.digamma(x) / (x - start), a, b))
    out.append(s("digamma_3", "x**2 (log x - 1 / (2 x) - digamma(x)) over 1 / x**2",
                 lambda z: (mp.log(1 / root(z)) - root(z) / 2 - mp.digamma(1 / root(z))) / z, 0, mpf(1) / 64))
    for k, (a, b) in enumerate(halves):
        out.append(s(f"trigamma_{k}", "x trigamma(x)", lambda x: x * mp.psi(1, x), a, b))
    out.append(s("trigamma_3", "x trigamma(x) over 1 / x", lambda z: mp.psi(1, 1 / z) / z, 0, mpf(1) / 8))
    return out


def bessel() -> list[str]:
    """Those of Bessel's functions."""
    s, out, root = section, [], mp.sqrt
    far = lambda t: 4 / t - 4
    for n in (0, 1):
        scaled = lambda t, n=n: mp.exp(-far(t)) * mp.besseli(n, far(t)) / (root(t) if n == 0 else far(t) * t ** mpf("1.5"))
        for k, (a, b) in enumerate(((0, "0.25"), ("0.25", "0.5"))):
            out.append(s(f"i{n}e_{k}", f"i{n}e(4 / x - 4) / {'sqrt(x)' if n == 0 else '((4 / x - 4) x**1.5)'}", scaled, a, b))
        out.append(s(f"i{n}e_2", f"i{n}e(x) / x**{n}", lambda x, n=n: mp.exp(-x) * mp.besseli(n, x) / x**n, 0, 4))
        small = lambda z, n=n: mp.besseli(n, root(z)) / root(z) ** n
        rest = (lambda z: mp.besselk(0, root(z)) + mp.log(root(z)) * mp.besseli(0, root(z))) if n == 0 else (
            lambda z: (mp.besselk(1, root(z)) - mp.log(root(z)) * mp.besseli(1, root(z)) - 1 / root(z)) / root(z))
        out.append(s(f"k{n}_i", f"i{n}(r) / r**{n} over r**2", small, 0, 1))
        out.append(s(f"k{n}_0", f"k{n}(r) less its singular part over r**2", rest, 0, 1))
        decays = lambda u, n=n: mp.exp(1 / u) * mp.besselk(n, 1 / u) / root(u)
        for k, (a, b) in enumerate(((0, "0.125"), ("0.125", "0.375"), ("0.375", 1)), 1):
            out.append(s(f"k{n}_{k}", f"k{n}e(1 / x) / sqrt(x)", decays, a, b))
        j, y = (lambda x, n=n: mp.besselj(n, x)), (lambda x, n=n: mp.bessely(n, x))
        first, later = (zero(j, 2.4), zero(j, 5.5)) if n == 0 else (zero(j, 3.8), zero(j, 7.0))
        ends = (4, "7.125") if n == 0 else (5.5, "8.625")
        out.append(s(f"j{n}_0", f"j{n}(r) / (r**{n} (r**2 - its first zero's)) over r**2",
                     lambda z, j=j, n=n, c=first: j(root(z)) / (root(z) ** n * (z - c * c)), 0, mpf(ends[0]) ** 2))
        out.append(s(f"j{n}_1", f"j{n}(x) / (x - its second zero)", lambda x, j=j, c=later: j(x) / (x - c), *ends))
        p, q = phase(n)
        out.append(s(f"j{n}_p", "P of Hankel's form over 1 / x**2", p, 0, 1 / mpf("7.0") ** 2))
        out.append(s(f"j{n}_q", "Q x of Hankel's form over 1 / x**2", q, 0, 1 / mpf("7.0") ** 2))
        near = (lambda z: mp.bessely(0, root(z)) - 2 / mp.pi * mp.log(root(z)) * mp.besselj(0, root(z))) if n == 0 else (
            lambda z: (mp.bessely(1, root(z)) - 2 / mp.pi * (mp.log(root(z)) * mp.besselj(1, root(z)) - 1 / root(z))) / root(z))
        end = "0.625" if n == 0 else 1
        out.append(s(f"y{n}_0", f"y{n}(r) less its singular part over r**2", near, 0, mpf(end) ** 2))
        zeros = (zero(y, "0.89"), zero(y, "3.96"), zero(y, "7.09")) if n == 0 else (zero(y, "2.2"), zero(y, "5.43"))
        ends = ((1, 2, None), (2, 4, zeros[0]), (4, 7, zeros[1])) if n else (
            ("0.625", "1.25", zeros[0]), ("1.25", "2.5", None), ("2.5", "5", zeros[1]), (5, "8.5", zeros[-1]))
        for k, (a, b, c) in enumerate(ends, 1):
            piece = (lambda x, y=y, c=c: y(x) / (x - c)) if c else y
            out.append(s(f"y{n}_{k}", f"y{n}(x) / (x - its zero)" if c else f"y{n}(x)", piece, a, b))
    return out


def integrals() -> list[str]:
    """Those of Dawson's integral and of the exponential, sine, cosine and Fresnel integrals."""
    s, out, root = section, [], mp.sqrt
    dawson = lambda x: mp.exp(-x * x) * mp.erfi(x) * root(mp.pi) / 2
    out.append(s("dawsn_0", "dawsn(r) / r over r**2", lambda z: dawson(root(z)) / root(z), 0, 1))
    for k, (a, b) in enumerate(((1, 2), (2, 3), (3, 5)), 1):
        out.append(s(f"dawsn_{k}", "dawsn(x)", dawson, a, b))
    for k, (a, b) in enumerate(((5, 8), (8, mp.inf)), 4):
        out.append(s(f"dawsn_{k}", "x dawsn(x) over 1 / x**2", lambda z: dawson(1 / root(z)) / root(z),
                     1 / mpf(b)**2, 1 / mpf(a)**2))

    out.append(s("exp1_0", "(exp1(x) + log x) + Euler's constant over x, divided by x",
                 lambda x: (mp.e1(x) + mp.log(x) + mp.euler) / x, 0, 1))
    for k, (a, b) in enumerate(((0, "0.125"), ("0.125", "0.375"), ("0.375", 1)), 1):
        out.append(s(f"exp1_{k}", "exp(1 / x) exp1(1 / x) / x", lambda u: mp.exp(1 / u) * mp.e1(1 / u) / u, a, b))
    start = zero(mp.ei, "0.3725")
    for k, (a, b) in enumerate(((0, 2), (2, 4))):
        out.append(s(f"expi_{k}", "(expi(x) - log(x / c)) / (x - c), c the zero of expi",
                     lambda x: (mp.ei(x) - mp.log(x / start)) / (x - start), a, b))
    for k, (a, b) in enumerate(((4, 8), (8, 16), (16, 40), (40, mp.inf)), 2):
        out.append(s(f"expi_{k}", "exp(-1 / x) expi(1 / x) / x", lambda u: mp.exp(-1 / u) * mp.ei(1 / u) / u,
                     1 / mpf(b), 1 / mpf(a)))

    out.append(s("sine_integral_0", "Si(r) / r over r**2", lambda z: mp.si(root(z)) / root(z), 0, 16))
    start_ci = zero(mp.ci, "0.6165")
    out.append(s("cosine_integral_0", "(Ci(r) - log(r / c)) / (r**2 - c**2) over r**2, c the first zero of Ci",
                 lambda z: (mp.ci(root(z)) - mp.log(root(z) / start_ci)) / (z - start_ci**2), 0, 4))
    later_ci = zero(mp.ci, "3.3842")
    out.append(s("cosine_integral_1", "Ci(x) / (x - its second zero)", lambda x: mp.ci(x) / (x - later_ci), 2, 4))
    f = lambda x: mp.ci(x) * mp.sin(x) + (mp.pi / 2 - mp.si(x)) * mp.cos(x)
    g = lambda x: (mp.pi / 2 - mp.si(x)) * mp.sin(x) - mp.ci(x) * mp.cos(x)
    for k, (a, b) in enumerate(((4, 8), (8, mp.inf))):
        low, high = 1 / mpf(b)**2, 1 / mpf(a)**2
        out.append(s(f"trig_f_{k}", "x f(x) over 1 / x**2, Si = pi / 2 - f cos - g sin",
                     lambda z: f(1 / root(z)) / root(z), low, high))
        out.append(s(f"trig_g_{k}", "x**2 g(x) over 1 / x**2", lambda z: g(1 / root(z)) / z, low, high))

    end, fourth = mpf("1.625")**4, lambda z: root(root(z))
    out.append(s("fresnel_s_0", "S(x) / x**3 over x**4", lambda z: mp.fresnels(fourth(z)) / fourth(z)**3, 0, end))
    out.append(s("fresnel_c_0", "C(x) / x over x**4", lambda z: mp.fresnelc(fourth(z)) / fourth(z), 0, end))
    half, angle = mpf(1) / 2, lambda x: mp.pi * x * x / 2
    p = lambda x: (half - mp.fresnels(x)) * mp.cos(angle(x)) + (mp.fresnelc(x) - half) * mp.sin(angle(x))
    q = lambda x: (half - mp.fresnels(x)) * mp.sin(angle(x)) - (mp.fresnelc(x) - half) * mp.cos(angle(x))
    for k, (low, high) in enumerate(((mpf(1) / 64, 1 / end), (0, mpf(1) / 64))):
        out.append(s(f"fresnel_f_{k}", "x f(x) over 1 / x**4, S = 1/2 - f cos - g sin",
                     lambda z: p(1 / fourth(z)) / fourth(z), low, high))
        out.append(s(f"fresnel_g_{k}", "x**3 g(x) over 1 / x**4", lambda z: q(1 / fourth(z)) / fourth(z)**3, low, high))
    return out


def airy() -> list[str]:
    """Those of Airy's functions and their derivatives: near 0, far out on the right over 1 / zeta, on the left as P and Q."""
    s, out = section, []
    back = lambda u: (mpf(3) / (2 * u)) ** (mpf(2) / 3)         # x of u = 1 / zeta, zeta = 2/3 x**1.5
    for name, function, order in (("ai", mp.airyai, 0), ("aip", mp.airyai, 1), ("bi", mp.airybi, 0), ("bip", mp.airybi, 1)):
        f = lambda x, h=function, n=order: h(x, derivative=n)
        power, sign = mpf(1 - 2 * order) / 4, 1 if name[0] == "b" else -1
        for k, (a, b) in enumerate(((-4, -2), (-2, 0), (0, 2))):
            c = {"ai0": "-2.338", "aip0": "-3.248", "aip1": "-1.0188", "bi0": "-3.271", "bi1": "-1.1737",
                 "bip0": "-2.2944"}.get(f"{name}{k}")
            root = zero(f, c) if c else None
            out.append(s(f"airy_{name}_{k}", f"{name}(x) / (x - {mp.nstr(root, 25)})" if c else f"{name}(x)",
                         (lambda x, f=f, c=root: f(x) / (x - c)) if c else f, a, b))
        far = lambda u, f=f, p=power, e=sign: f(back(u)) * mp.exp(-e / u) * back(u) ** p
        ends = (("0", "0.53125"),) if name[0] == "a" else (
            ("0", "0.03125"), ("0.03125", "0.125"), ("0.125", "0.25"), ("0.25", "0.53125"))
        for k, (a, b) in enumerate(ends):
            out.append(s(f"airy_{name}_far_{k}", f"{name}(x) exp({-sign} zeta) x**{mp.nstr(power, 3)} over 1 / zeta", far, a, b))
    for n, power in ((0, mpf(1) / 4), (1, -mpf(1) / 4)):
        def parts(z: Any, n: int = n, power: Any = power) -> tuple[Any, Any]:
            w, x = 1 / mp.sqrt(z) - mp.pi / 4, back(mp.sqrt(z))
            a, b = mp.airyai(-x, derivative=n) * x**power, mp.airybi(-x, derivative=n) * x**power
            return a * mp.cos(w) - b * mp.sin(w), (a * mp.sin(w) + b * mp.cos(w)) / mp.sqrt(z)

        if n == 0:              # Ai = P cos w + Q sin w, Bi = Q cos w - P sin w
            out.append(s("airy_p", "P over 1 / zeta**2", lambda z: parts(z)[0], 0, mpf(9) / 256))
            out.append(s("airy_q", "Q zeta over 1 / zeta**2", lambda z: parts(z)[1], 0, mpf(9) / 256))
        else:                   # Ai' = S sin w + R cos w, Bi' = S cos w - R sin w
            out.append(s("airy_r", "R zeta over 1 / zeta**2", lambda z: parts(z)[0] / mp.sqrt(z), 0, mpf(9) / 256))
            out.append(s("airy_s", "S over 1 / zeta**2", lambda z: parts(z)[1] * mp.sqrt(z), 0, mpf(9) / 256))
    return out


if __name__ == "__main__":
    for file, made in (("special_tables.c", sections), ("bessel_tables.c", bessel), ("integral_tables.c", integrals),
                       ("airy_tables.c", airy)):
        if file not in (sys.argv[1:] or [file]):
            continue
        head = "/* Polynomials made by scripts/special_tables.py; the functions beside them are made of these. */\n"
        (FOLDER / file).write_text(head + "".join(made()))
