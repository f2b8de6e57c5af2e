"""Regular expressions of users: refused when they cannot work, stopped when they take too long."""

from __future__ import annotations

from collections.abc import Callable

import regex
from django.utils.translation import gettext as _

from quality.content.subject import Hit, Subject

LONGEST = 500
LONGEST_SHOWN = 60
# Of processor time, for one expression on one text.
TIMEOUT_SECONDS = 0.05
PROBE_SECONDS = 0.2
PROBE_LENGTH = 2_000


class ExpressionError(ValueError):
    """An expression that cannot be a rule; its text tells the user why."""


def finder(expression: str, mark: str = "[removed]") -> Callable[[Subject], list[Hit]]:
    """Return a function that finds where the expression fits.

    Errors: TimeoutError out of the function when the expression takes too long.
    """
    pattern = regex.compile(expression)

    def find(subject: Subject) -> list[Hit]:
        hits: list[Hit] = []
        start = 0
        for text in subject.texts:
            for match in pattern.finditer(text, timeout=TIMEOUT_SECONDS):
                first, last = start + match.start(), start + match.end()
                if first < last:
                    hits.append(Hit("expression", first, last, mark, match[0][:LONGEST_SHOWN]))
            start += len(text) + 1
        return hits

    return find


def check(expression: str) -> None:
    """Refuse what is no expression, fits everything, or may take for ever.

    Errors: ExpressionError with a sentence for the user.
    """
    if len(expression) > LONGEST:
        raise ExpressionError(
            _("The expression is longer than %(limit)d characters.") % {"limit": LONGEST}
        )
    try:
        pattern = regex.compile(expression)
    except (regex.error, OverflowError, RecursionError, MemoryError) as error:
        raise ExpressionError(
            _("The expression cannot be read: %(reason)s") % {"reason": error}
        ) from error
    try:
        fits_nothing = pattern.fullmatch("", timeout=PROBE_SECONDS) is not None
        for probe in _probes(expression):
            pattern.search(probe, timeout=PROBE_SECONDS)
    except TimeoutError as error:
        raise ExpressionError(
            _(
                "The expression takes too long on some texts: it has a repetition inside a"
                " repetition, such as (a+)+. Write it without that."
            )
        ) from error
    if fits_nothing:
        raise ExpressionError(
            _("The expression fits the empty text, so it would be found in every record.")
        )


def _probes(expression: str) -> list[str]:
    """Long texts of the letters that the expression names, which nearly fit and then do not."""
    letters = dict.fromkeys([*"a0 一-", *filter(str.isprintable, expression)])
    units = [*letters, "ab", "a0", "a ", "a@a.", "0,"]
    # The letters come again at the end: a search may give up at once where one is missing.
    ending = f"\x02\n{''.join(letters)}"
    return [f"{unit * (PROBE_LENGTH // len(unit))}{ending}" for unit in units]
