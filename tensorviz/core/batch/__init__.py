"""Batch rules, a table by op: what each op is over a whole batch. Importing this package fills the table."""

from . import convolutions, orders, transforms, windows
from .rules import RULES, Call, Same, batch_rule, rule_of

__all__ = ["RULES", "Call", "Same", "batch_rule", "convolutions", "orders", "rule_of", "transforms", "windows"]
