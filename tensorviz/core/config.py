"""Settings read where the API makes variables and constants: `floatX`; set by code or TENSORVIZ_FLAGS."""

from __future__ import annotations

import os
from dataclasses import dataclass

from .errors import ArgumentError

__all__ = ["Config", "config"]


@dataclass
class Config:
    """The user's settings.

    floatX: dtype of variables made without one (`matrix("x")`), "float32" or "float64".
    """

    floatX: str = "float64"

    def __setattr__(self, name: str, value: object) -> None:
        if name not in self.__annotations__:
            raise ArgumentError(f"there is no setting {name!r}", hint=f"settings are {', '.join(self.__annotations__)}")
        if name == "floatX" and value not in ("float16", "float32", "float64"):
            raise ArgumentError(f"floatX can't be {value!r}", hint="use 'float32' or 'float64'")
        object.__setattr__(self, name, value)

    def read(self, flags: str) -> None:
        """Take settings from ``name=value,name=value``."""
        for part in filter(None, (p.strip() for p in flags.split(","))):
            name, _, value = part.partition("=")
            setattr(self, name.strip(), value.strip())


config = Config()
config.read(os.environ.get("TENSORVIZ_FLAGS", ""))
