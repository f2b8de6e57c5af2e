"""Rules about what a record says: words, personal data, refusals, loops and the like.

Everything here is pure but loading, which reads quality.models.ContentRule.
"""

from __future__ import annotations

from quality.content.examination import apply, examine
from quality.content.kinds import MASKABLE, Action, DataType, Kind
from quality.content.rules import ActiveRule, Definition, finder

__all__ = [
    "MASKABLE",
    "Action",
    "ActiveRule",
    "DataType",
    "Definition",
    "Kind",
    "apply",
    "examine",
    "finder",
]
