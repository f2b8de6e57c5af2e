"""Names that no other row has."""

from __future__ import annotations

from itertools import chain, count

from django.db import models

STEM_CHARACTERS = 190  # of a name, so that a number can follow


def unused_name(model: type[models.Model], name: str) -> str:
    """Return name where it is free, else name (2), (3) …"""
    stem = name[:STEM_CHARACTERS]
    rows = model._default_manager.filter(name__startswith=stem)
    taken = set(rows.values_list("name", flat=True))
    numbered = (f"{stem} ({number})" for number in count(2))
    return next(candidate for candidate in chain([name], numbered) if candidate not in taken)
