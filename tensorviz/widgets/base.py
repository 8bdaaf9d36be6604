"""What every screen has: the trace, the selection, and forms that need no kernel."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from difflib import get_close_matches
from typing import Any, ClassVar

import anywidget
import traitlets

from ..compile.arguments import calling
from ..core.errors import ArgumentError, TensorvizError
from ..render.drawing import View
from ..render.html import iframe, page
from ..render.picture import picture
from ..render.trace import Trace
from .bundle import packed, styles

__all__ = ["Screen", "Static", "checked"]

STYLES = ("theme.css", "reset.css", "shell.css", "controls.css", "graph.css", "explorer.css", "stepper.css")
HEIGHT = 760                    #: pixels of a saved screen
WHOLE = ".tv-screen{margin:0}.tv.tv.tv.tv{height:max(560px,100vh)}"      # a page that holds nothing else
HEAVY = 1e9                     #: operations of a rewrite that is not checked unasked
NESTS = 8                       #: loop nests that are: each is compiled for it
KEPT = ("trace", "can_check")     #: values that only the widget itself sets
MOST_TEXT = 4096                #: characters of `view` that a browser may send


class Screen(anywidget.AnyWidget):
    """A view of one trace in a notebook; Python owns the values, the browser draws and says what the user means.

    The trace is sent once. `selected`, `step`, `pass_index` and `view` are what a user changes; set in Python they move the
    picture, and `observe` or `ipywidgets.jslink` ties them to other widgets.
    """

    _esm = packed("walk.js")
    _css = styles(*STYLES)
    screens: ClassVar[tuple[str, ...]] = ("passes", "rewrites")

    trace = traitlets.Bytes().tag(sync=True)
    screen = traitlets.Unicode("passes").tag(sync=True)
    step = traitlets.Int(0).tag(sync=True)
    pass_index = traitlets.Int(-1).tag(sync=True)
    selected = traitlets.List(traitlets.Unicode()).tag(sync=True)
    view = traitlets.Dict().tag(sync=True)
    can_check = traitlets.Bool(False).tag(sync=True)

    def __init__(self, source: object, **values: Any) -> None:
        self._known(values)
        self._source = source
        self._record = trace_of(source)
        self._ids = {node.id for node in self._record.records}
        super().__init__(trace=self._record.to_bytes(), can_check=callable(getattr(source, "check", None)), **values)
        self.on_msg(self._answer)

    @classmethod
    def _known(cls, values: Iterable[str]) -> None:
        """Refuse keywords that no screen has: a misspelt one would change nothing and say nothing."""
        own = [name for name in Screen.class_own_traits() if not name.startswith("_") and name not in KEPT]
        mine = ["start", *own]
        for name in values:
            if name not in own and (name.startswith("_") or name in KEPT or name not in cls.class_trait_names()):
                near = get_close_matches(name, mine, 1, 0.0)[0]
                raise ArgumentError(f"{cls.__name__} has no keyword {name!r}; the nearest is {near!r}", at=calling(),
                                    hint=f"its keywords are {', '.join(sorted(mine))}")

    @property
    def record(self) -> Trace:
        """The trace that is shown."""
        return self._record

    @traitlets.validate("step")
    def _check_step(self, proposal: Any) -> int:
        return self._within(proposal["value"], 0, len(self._record.events), "step")

    @traitlets.validate("pass_index")
    def _check_pass(self, proposal: Any) -> int:
        return self._within(proposal["value"], -1, len(self._record.passes) - 1, "pass_index")

    @traitlets.validate("selected")
    def _check_selected(self, proposal: Any) -> list[str]:
        unknown = [i for i in proposal["value"] if i not in self._ids]
        if unknown:
            raise traitlets.TraitError(f"no node {unknown[0]!r} in this trace")
        return list(proposal["value"])

    @traitlets.validate("screen")
    def _check_screen(self, proposal: Any) -> str:
        if proposal["value"] not in self.screens:
            raise traitlets.TraitError(f"no screen {proposal['value']!r}: {', '.join(self.screens)}")
        return str(proposal["value"])

    @staticmethod
    def _within(value: int, least: int, most: int, name: str) -> int:
        if not least <= value <= most:
            raise traitlets.TraitError(f"{name} is {value}; it can be {least} to {most}")
        return value

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take what the browser changed, if it makes sense: a page must not be able to break the widget."""
        legal = {name: value for name, value in sync_data.items() if self._legal(name, value)}
        super().set_state(legal)

    def _legal(self, name: str, value: Any) -> bool:
        whole = isinstance(value, int) and not isinstance(value, bool)
        if name == "step":
            return whole and 0 <= value <= len(self._record.events)
        if name == "pass_index":
            return whole and -1 <= value < len(self._record.passes)
        if name == "selected":
            return isinstance(value, list) and all(isinstance(i, str) and i in self._ids for i in value)
        if name == "screen":
            return value in self.screens
        if name == "view":
            return isinstance(value, dict) and len(repr(value)) <= MOST_TEXT
        return name not in (*KEPT, "_esm", "_css")

    def _answer(self, _widget: object, content: Any, _buffers: object) -> None:
        """Answer the browser: numeric checks of one rewrite, on request."""
        if not isinstance(content, dict) or content.get("type") != "check":
            return
        step = content.get("step")
        if not isinstance(step, int) or isinstance(step, bool) or not 1 <= step <= len(self._record.events):
            return
        check: Callable[[int], Sequence[dict[str, Any]]] | None = getattr(self._source, "check", None)
        if check is None:
            self.send({"type": "checks", "step": step, "error": "This needs the function: open it with f.explore()."})
            return
        try:
            self.send({"type": "checks", "step": step, "checks": list(check(step))})
        except Exception as error:      # the user's inputs and rules run here; the screen shows what went wrong
            self.send({"type": "checks", "step": step, "error": f"{type(error).__name__}: {error}"})

    def to_html(self) -> str:
        """The screen as one page that works offline, from a file and without a kernel."""
        trace = checked(self._source).to_bytes()
        return page(self._named(), [], [packed("walk.js")], [styles(*STYLES), WHOLE], trace, [self._state()])

    def static(self) -> Static:
        """The screen for a saved notebook: interactive without a kernel, an SVG where scripts don't run, text elsewhere."""
        live = iframe(self.to_html(), HEIGHT, f"{type(self).__name__} of {self._named()}")
        return Static({"text/html": live, "image/svg+xml": self.to_svg(), "text/plain": self.to_text()})

    def to_svg(self, theme: str = "auto") -> str:
        """What the screen shows now as one picture."""
        return picture(self._record, self._picture(), theme)

    def to_text(self) -> str:
        """What the screen shows now in words."""
        raise NotImplementedError

    def _picture(self) -> View:
        raise NotImplementedError

    def _state(self) -> dict[str, Any]:
        return {"screen": self.screen, "step": self.step, "pass_index": self.pass_index, "selected": list(self.selected),
                "view": dict(self.view), "can_check": False}

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        data, metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
        return {**data, "image/svg+xml": self.to_svg(), "text/plain": self.to_text()}, metadata

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._named()})"

    def _named(self) -> str:
        return self._record.signature or self._record.name


class Static:
    """An output of several forms; a notebook shows the best that it can."""

    def __init__(self, forms: dict[str, str]) -> None:
        self.forms = forms

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return dict(self.forms)

    def __repr__(self) -> str:
        return self.forms["text/plain"]


def checked(source: object, most: int = 100) -> Trace:
    """The trace with numeric checks of its rewrites filled in, so that a page without a kernel can show them."""
    trace = trace_of(source)
    check: Callable[[int], list[dict[str, Any]]] | None = getattr(source, "check", None)
    if check is None:
        return trace
    nests = 0
    for step, event in enumerate(trace.events[:most], 1):
        nests += event.rule == "one_loop_nest"
        if event.rule == "one_loop_nest" and nests > NESTS:
            break
        if not event.checks and sum(cost[1] for cost in (event.cost_before, event.cost_after) if cost) < HEAVY:
            with suppress(TensorvizError):          # lengths that can't be drawn: the page says that nothing was run
                event.checks = check(step)
    return trace


def trace_of(source: object) -> Trace:
    """The trace itself, or that of a function.

    >>> trace_of(Trace(name="f")).name
    'f'
    """
    trace = source if isinstance(source, Trace) else getattr(source, "trace", None)
    if not isinstance(trace, Trace):
        raise ArgumentError(f"{type(source).__name__} has no trace: give a compiled function or a Trace", at=calling(),
                            hint="tv.explore takes expressions too")
    return trace
