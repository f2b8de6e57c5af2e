"""Find what a command's user names, by name or by number."""

from __future__ import annotations

from typing import TypeVar

from django.core.management.base import CommandError
from django.db import models
from django.utils.translation import gettext as _

USAGE_ERROR = 2
Row = TypeVar("Row", bound=models.Model)


def find(model: type[Row], words: str, hint: str = "") -> Row:
    """Return the row that is called so, else the one with this number.

    Errors: CommandError, exit code 2, when there is none.
    """
    rows = model._default_manager
    found = rows.filter(name=words).first()
    if found is None and words.isascii() and words.isdigit() and len(words) < 19:
        found = rows.filter(pk=int(words)).first()
    if found is None:
        names = {"kind": model._meta.verbose_name, "words": words}
        text = _("There is no %(kind)s with the name or number “%(words)s”.") % names
        raise CommandError(f"{text} {hint}".strip(), returncode=USAGE_ERROR)
    return found
