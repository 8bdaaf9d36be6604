"""Settings, by code or TENSORVIZ_FLAGS: `floatX`, read where variables and constants are made, and `cflags`, for the compiler."""

from __future__ import annotations

import os
import warnings
from dataclasses import dataclass

from .errors import ArgumentError

__all__ = ["Config", "config"]


@dataclass
class Config:
    """The user's settings.

    floatX: dtype of variables made without one (`matrix("x")`), "float32" or "float64".
    cflags: flags for the C compiler, after tensorviz' own: "-g", or "-O0" where code that is built sooner is worth more than code
    that runs faster. What would change the arithmetic (-ffast-math) is refused when something is compiled.
    """

    floatX: str = "float64"
    cflags: str = ""

    def __setattr__(self, name: str, value: object) -> None:
        if name not in self.__annotations__:
            raise ArgumentError(f"there is no setting {name!r}", hint=f"settings are {', '.join(self.__annotations__)}")
        if name == "floatX" and value not in ("float16", "float32", "float64"):
            raise ArgumentError(f"floatX can't be {value!r}", hint="use 'float32' or 'float64'")
        if name == "cflags" and not isinstance(value, str):
            raise ArgumentError(f"cflags are words in a string, not {value!r}", hint="'-O0 -g'")
        object.__setattr__(self, name, value)

    def read(self, flags: str) -> None:
        """Take settings from ``name=value,name=value``."""
        for part in filter(None, (p.strip() for p in flags.split(","))):
            name, _, value = part.partition("=")
            setattr(self, name.strip(), value.strip())


config = Config()
try:
    config.read(os.environ.get("TENSORVIZ_FLAGS", ""))
except ArgumentError as error:                      # no reason for an import to fail
    warnings.warn(f"TENSORVIZ_FLAGS: {error.what} ({error.hint})", RuntimeWarning, stacklevel=2)
