"""One form for texts that differ only in looks: width, case and white space."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any

BLANKS = re.compile(r"\s+")


def normalise(text: str) -> str:
    return BLANKS.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()


def canonical(content: Any) -> str:
    """Return a record's content as normalised JSON with its names in order."""
    return normalise(json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")))
