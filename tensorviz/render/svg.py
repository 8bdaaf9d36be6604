"""A drawing as standalone SVG text, light and dark: for READMEs, saved notebooks and reports."""

from __future__ import annotations

import re
from itertools import pairwise
from xml.sax.saxutils import escape

from .figures import Badge, Drawing, Figure, Frame, Link, badge_width
from .fonts import text_width
from .heat import Scale
from .palette import FAMILIES, css_variables, roles
from .sheets import sheet

__all__ = ["graph_svg", "style_sheet", "svg", "svg_pair"]

MARGIN = 20
_FORBIDDEN = re.compile(r"[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

#: 12 × 12 pixels
_ICONS = {
    "elem": '<circle cx="2.5" cy="6" r="1.5"/><circle cx="6" cy="6" r="1.5"/><circle cx="9.5" cy="6" r="1.5"/>',
    "linalg": '<path d="M2.5 1.5h7a1 1 0 0 1 1 1v7a1 1 0 0 1-1 1h-7a1 1 0 0 1-1-1v-7a1 1 0 0 1 1-1zM1.5 6h9M6 1.5v9"/>',
    "reduce": '<path d="M1.5 2h9L6 7zM6 7v4"/>',
    "shape": '<path d="M1.5 4V1.5H4M8 10.5h2.5V8M2 2l8 8"/>',
    "state": '<circle class="tvs-o" cx="6" cy="6" r="4.5"/><circle cx="6" cy="6" r="1.6"/>',
    "loop": '<path d="M10.2 6a4.2 4.2 0 1 1-1.4-3.1M9.2.8v2.4H6.8"/>',
    "sparse": '<circle cx="2.5" cy="2.5" r="1.3"/><circle cx="9" cy="4" r="1.3"/><circle cx="5" cy="9.5" r="1.3"/>',
    "fused": '<path d="M2.5 1.5h4a1 1 0 0 1 1 1v4a1 1 0 0 1-1 1h-4a1 1 0 0 1-1-1v-4a1 1 0 0 1 1-1zM4.5 10.5h6v-6"/>',
    "leaf": "",
}

_RULES = sheet("graph.css")


def _number(value: float) -> str:
    text = f"{value:.1f}"
    return text[:-2] if text.endswith(".0") else text


def style_sheet(theme: str, parts: str) -> str:
    """The rules and the colours of `theme`: "auto" (as the reader's system says), "light", "dark", "page" (the page has them).

    `parts` is the SVG text the sheet is for: only families and heat steps that it shows get rules.
    """
    rules = _RULES
    for role in dict.fromkeys(FAMILIES.values()):
        if f"tvs-f-{role}" in parts:
            rules += f".tvs-f-{role}{{--f:var(--tv-{role});--t:var(--tv-{role}-tint)}}" if role != "leaf" else ""
    for step in range(9):
        if f"tvs-h{step}" in parts:
            mark = f".tvs-h{step}"
            rules += (f"{mark} .tvs-b{{fill:var(--tv-h{step});stroke:var(--tv-o{step})}}"
                      f"{mark} .tvs-card{{fill:var(--tv-c{step})}}"
                      f"{mark} .tvs-l,{mark} .tvs-n .tvs-t{{fill:var(--tv-i{step})}}{mark}.tvs-k{{fill:var(--tv-h{step})}}"
                      f"{mark}{{--f:var(--tv-i{step});--t:none}}")
    if theme in ("light", "dark"):
        return _literal(rules, theme)
    if theme == "page":
        return rules
    light, dark = css_variables("light"), css_variables("dark")
    return f".tvs-auto{{{light}}}@media(prefers-color-scheme:dark){{.tvs-auto{{{dark}}}}}{rules}"


def _literal(rules: str, theme: str) -> str:
    """Colours written out and family and heat rules made plain: for viewers that know no CSS variables."""
    colours = roles(theme)

    def plain(match: re.Match[str]) -> str:
        mark, ink, tint = match[1], colours[match[2]], colours[match[3]] if match[3] else "none"
        return (f"{mark} .tvs-i path,{mark} .tvs-i .tvs-o{{stroke:{ink}}}{mark} .tvs-i circle{{fill:{ink}}}"
                f"{mark} .tvs-i .tvs-o{{fill:none}}{mark} .tvs-ti{{fill:{tint}}}")

    for general in ("stroke:var(--f);", ".tvs-i circle{fill:var(--f)}", ".tvs-ti{fill:var(--t)}"):
        rules = rules.replace(general, "")
    rules = re.sub(r"([^{}]+)\{--f:var\(--tv-([\w-]+)\);--t:(?:none|var\(--tv-([\w-]+)\))\}", plain, rules)
    return re.sub(r"var\(--tv-([\w-]+)\)", lambda m: colours[m[1]], rules)


def svg(drawing: Drawing, theme: str = "auto") -> str:
    """The drawing as SVG; `theme` is "auto", "light", "dark" or "page" (inside a page that defines the colours).

    One ``<g data-id=...>`` a node with its description as label, so that it can be found, read aloud and tested.
    """
    body, width, height = graph_svg(drawing)
    head = 0
    if drawing.title:
        head = 28
        body = (f'<text class="tvs-h" x="{MARGIN}" y="26">{_text(drawing.title)}</text>'
                f'<g transform="translate(0,{head})">{body}</g>')
        width = max(width, text_width(drawing.title, 12, "bold") + 2 * MARGIN)
    foot, foot_height, foot_width = _foot(drawing, height + head, width)
    label = ", ".join(t for t in (drawing.title, drawing.count_text()) if t)
    return _document(body + foot, max(width, foot_width), height + head + foot_height, label, theme)


def svg_pair(left: Drawing, right: Drawing, caption: str = "", theme: str = "auto") -> str:
    """Two drawings side by side with an arrow between: as written, as compiled."""
    parts = [graph_svg(d) for d in (left, right)]
    arrow = max(88.0, text_width(caption, 12) + 24)
    height = max(p[2] for p in parts)
    heights = [28 + (height - p[2]) / 2 for p in parts]
    at = parts[0][1] + arrow
    middle = 28 + height / 2
    body = "".join(f'<text class="tvs-h" x="{_number(x + MARGIN)}" y="26">{_text(d.title)}</text>'
                   for x, d in ((0, left), (at, right)))
    body += "".join(f'<g transform="translate({_number(x)},{_number(y)})">{p[0]}</g>'
                    for x, y, p in zip((0, at), heights, parts, strict=True))
    x0 = parts[0][1] + arrow / 2 - 26
    body += (f'<path class="tvs-big" d="M{_number(x0)} {_number(middle)}h46"/>'
             f'<path class="tvs-bigh" d="M{_number(x0 + 44)} {_number(middle - 6)}l10 6-10 6z"/>'
             f'<text class="tvs-k tvs-m" x="{_number(x0 + 26)}" y="{_number(middle - 14)}">{_text(caption)}</text>')
    label = f"{left.title}: {left.count_text()}; {right.title}: {right.count_text()}"
    return _document(body, at + parts[1][1], 28 + height, label, theme)


def _document(body: str, width: float, height: float, label: str, theme: str) -> str:
    size = f'width="{_number(width)}" height="{_number(height)}" viewBox="0 0 {_number(width)} {_number(height)}"'
    backdrop = "" if theme == "page" else '<rect class="tvs-bg" width="100%" height="100%" rx="8"/>'
    return (f'<svg xmlns="http://www.w3.org/2000/svg" class="tvs-g tvs-{theme}" {size} role="img" aria-label="{_text(label)}">'
            f"<style>{style_sheet(theme, body)}</style>{backdrop}{body}</svg>")


def _text(text: str) -> str:
    """Escaped, and without the characters that XML forbids."""
    return escape(_FORBIDDEN.sub("\ufffd", text), {'"': "&quot;", "\n": " "})


def graph_svg(drawing: Drawing) -> tuple[str, float, float]:
    """The graph alone: its SVG text, width and height with margins."""
    left, top, right, bottom = drawing.layout.frame
    left = min([left, *(f.left for f in drawing.frames)])
    top = min([top, *(f.top for f in drawing.frames)])
    right = max([right, *(f.right for f in drawing.frames)])
    bottom = max([bottom, *(f.bottom for f in drawing.frames)])
    dx, dy = MARGIN - left, MARGIN - top
    edges = [_edge(link, route, dx, dy) for link, route in zip(drawing.links, drawing.layout.routes, strict=True)]
    nodes = [_node(figure, drawing.layout.x[figure.key] + dx, drawing.layout.y[figure.key] + dy) for figure in drawing.figures]
    under = [_frame(frame, dx, dy) for frame in drawing.frames]
    return "".join(under + edges + nodes), right - left + 2 * MARGIN, bottom - top + 2 * MARGIN


def _frame(frame: Frame, dx: float, dy: float) -> str:
    x, y = frame.x + dx, frame.y + dy
    return (f'<g class="tvs-grp"><rect x="{_number(frame.left + dx)}" y="{_number(frame.top + dy)}" '
            f'width="{_number(frame.right - frame.left)}" height="{_number(frame.bottom - frame.top)}" rx="8"/>'
            f'<text class="tvs-gl" x="{_number(x)}" y="{_number(y + 12)}">{_text(frame.name)}</text>'
            f'<text class="tvs-t" x="{_number(x)}" y="{_number(y + 26)}">{_text(frame.note)}</text></g>')


def _edge(link: Link, route: list[list[float]], dx: float, dy: float) -> str:
    points = [(x + dx, y + dy) for x, y in route]
    x, y = points[-1]
    points[-1] = (x, y - 5)
    path = f"M{_number(points[0][0])} {_number(points[0][1])}"
    for (x0, y0), (x1, y1) in pairwise(points):
        if x0 == x1:
            path += f"V{_number(y1)}"
        else:
            bow = max(6.0, abs(y1 - y0) / 2)
            path += f"C{_number(x0)} {_number(y0 + bow)} {_number(x1)} {_number(y1 - bow)} {_number(x1)} {_number(y1)}"
    kind = {"add": " tvs-ea", "rem": " tvs-er"}.get(link.change, " tvs-es" if link.state else "")
    return (f'<path class="tvs-e tvs-w{link.width}{kind}" d="{path}"/>'
            f'<path class="tvs-a{kind}" d="M{_number(x - 3.4)} {_number(y - 6)}h6.8l-3.4 6z"/>')


def _node(figure: Figure, x: float, y: float) -> str:
    w, h = figure.w, figure.h
    role = FAMILIES.get(figure.family, "elem")
    classes = ["tvs-f-" + role]
    classes += ["tvs-lf"] if figure.leaf else []
    classes += ["tvs-out"] if figure.is_output and not figure.change else []
    classes += [f"tvs-{figure.change}"] if figure.change else ["tvs-match"] if figure.matched else []
    classes += [f"tvs-h{figure.heat}"] if figure.heat is not None else []
    classes += ["tvs-pale"] if figure.pale else []
    words = figure.words()
    parts = [f'<g class="{" ".join(classes)}" data-id="{_text(figure.id)}" role="listitem" aria-label="{_text(words)}" '
             f'transform="translate({_number(x - w / 2)},{_number(y - h / 2)})"><title>{_text(words)}</title>']
    if figure.kind == "group":
        parts.append(f'<rect class="tvs-card" x="4" y="4" width="{w}" height="{h}" rx="6"/>')
    parts.append(f'<rect class="tvs-b" width="{w}" height="{h}" rx="{h // 2 if figure.leaf else 6}"/>')
    if figure.kind == "shared":
        parts.append(f'<rect class="tvs-in" x="3" y="3" width="{w - 6}" height="{h - 6}" rx="{h // 2 - 3}"/>')
    if not figure.leaf:
        if figure.heat is None and not figure.change and not figure.matched:
            parts.append(f'<path class="tvs-ti" d="M.5 6a5.5 5.5 0 0 1 5.5-5.5H20v{h - 1}H6A5.5 5.5 0 0 1 .5 {h - 6}z"/>')
        parts.append(f'<g class="tvs-i" transform="translate(4.5,{h // 2 - 6})">{_ICONS[role]}</g>')
    parts += [*_texts(figure), *_sign(figure), *_badges(figure), "</g>"]
    return "".join(parts)


def _texts(figure: Figure) -> list[str]:
    w, h = figure.w, figure.h
    detail = _text("\u00a0\u00a0".join(t for t in (figure.note, figure.type) if t))
    label = _text(figure.label)
    out = []
    if figure.leaf:
        kind, low = ("tvs-c", 3.9) if figure.kind == "constant" else ("tvs-v", 4.5)
        edge = 13 if figure.kind == "shared" else 11
        place = f'x="{edge}"' if detail else f'x="{w / 2:g}" text-anchor="middle"'
        out.append(f'<text class="{kind}" {place} y="{h / 2 + low:g}">{label}</text>')
        if detail:
            out.append(f'<text class="tvs-t tvs-r" x="{w - edge}" y="{h / 2 + 3.8:g}">{detail}</text>')
    else:
        first, second = (16.5, 31.0) if figure.tall else (h / 2 + 4.2, h / 2 + 3.8)
        out.append(f'<text class="tvs-l" x="26" y="{first:g}">{label}</text>')
        if detail:
            place = 'class="tvs-t" x="26"' if figure.tall else f'class="tvs-t tvs-r" x="{w - 9}"'
            out.append(f'<g class="tvs-n"><text {place} y="{second:g}">{detail}</text></g>' if figure.heat is not None
                       else f'<text {place} y="{second:g}">{detail}</text>')
    if figure.output:
        place = f'class="tvs-t" x="{w + (12 if figure.kind == "group" else 8)}" y="{h / 2 + 3.8:g}"' if figure.aside else \
            f'class="tvs-t tvs-m" x="{w / 2:g}" y="{h + (24 if figure.badges else 19 if figure.kind == "group" else 15)}"'
        out.append(f"<text {place}>{_text(figure.output)}</text>")
    return out


def _sign(figure: Figure) -> list[str]:
    sign = {"add": "+", "rem": "−", "chg": "~"}.get(figure.change)
    if not sign:
        return []
    return [f'<g class="tvs-s" transform="translate({figure.w - 6},-7)"><rect width="15" height="15" rx="7.5"/>'
            f'<text x="7.5" y="11.8">{sign}</text></g>']


def _badges(figure: Figure) -> list[str]:
    out = []
    x = figure.w - 4
    y = figure.h - (5 if figure.tall else 3)
    for badge in figure.badges:             # the first, the most telling, hangs rightmost
        x -= badge_width(badge)
        out.append(_badge(badge, x, y))
        x -= 3
    return out


def _badge(badge: Badge, x: int, y: int) -> str:
    w = badge_width(badge)
    kind = "" if badge.kind == "info" else f" tvs-{badge.kind}"
    return (f'<g class="tvs-d{kind}" transform="translate({x},{y})"><rect width="{w}" height="14" rx="7"/>'
            f'<text x="{w / 2:g}" y="10.4">{_text(badge.text)}</text></g>')


def _foot(drawing: Drawing, y: float, width: float) -> tuple[str, float, float]:
    """The legend of the heat and, if not all is shown, how much is: its text, height and width."""
    parts, x = [], float(MARGIN)
    if drawing.scale is not None:
        parts.append(_legend(drawing.scale, y))
        x += legend_width(drawing.scale) + 24
    height, widest = (26.0, x) if parts else (0.0, 0.0)
    if drawing.shown + drawing.inside < drawing.total:
        words = drawing.count_text()
        if x + text_width(words, 11) + MARGIN > max(width, x) and parts:
            x, y, height = float(MARGIN), y + 18, height + 18
        parts.append(f'<text class="tvs-k" x="{_number(x)}" y="{_number(y + 9)}">{words}</text>')
        height, widest = max(height, 26.0), max(widest, x + text_width(words, 11) + MARGIN)
    return "".join(parts), height, widest


def legend_width(scale: Scale) -> float:
    """Width of the legend in pixels."""
    return text_width("".join(scale.ends()) + scale.title + ", log scale", 11) + 6 + 9 * 14 + 6 + 12


def _legend(scale: Scale, y: float) -> str:
    low, high = scale.ends()
    x = MARGIN + text_width(low, 11) + 6
    parts = [f'<text class="tvs-k" x="{MARGIN}" y="{_number(y + 9)}">{_text(low)}</text>']
    parts += [f'<rect class="tvs-h{step} tvs-k" x="{_number(x + 14 * step)}" y="{_number(y)}" width="14" height="10"/>'
              for step in range(9)]
    x += 9 * 14 + 6
    words = x + text_width(high, 11) + 12
    parts.append(f'<text class="tvs-k" x="{_number(x)}" y="{_number(y + 9)}">{_text(high)}</text>'
                 f'<text class="tvs-k" x="{_number(words)}" y="{_number(y + 9)}">{_text(scale.title)}, log scale</text>')
    return "".join(parts)
