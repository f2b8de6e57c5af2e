"""Word lists as people have them: pasted, or in a file of any encoding."""

from __future__ import annotations

import csv
import io

from django.utils.translation import gettext as _

from quality.content.subject import fold
from synthesis.tables import delimited

MOST_WORDS = 200_000
LONGEST_WORD = 100
MOST_BYTES = 8_000_000
# In the order in which they are tried. GB 18030 holds all of GBK and GB 2312.
ENCODINGS = ("utf-8-sig", "gb18030")
UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
# Bytes that are no text at all can still be read as one, with odd characters everywhere.
_MOST_ODD = 0.1


class WordListError(ValueError):
    """A word list that cannot be taken; its text tells the user why."""


def tidy(text: str) -> list[str]:
    """Return the words of a text, one a line, each once.

    Errors: WordListError when there are none, too many, or too long ones.
    """
    words: dict[str, str] = {}
    for line in text.splitlines():
        word = " ".join(line.split())
        if word:
            words.setdefault(fold(word), word)
    if not words:
        raise WordListError(_("The word list is empty. Write one word a line."))
    if len(words) > MOST_WORDS:
        raise WordListError(
            _("The list has %(count)d words; %(limit)d are the most.")
            % {"count": len(words), "limit": MOST_WORDS}
        )
    longest = max(words.values(), key=len)
    if len(longest) > LONGEST_WORD:
        raise WordListError(
            _("“%(word)s…” is longer than %(limit)d characters. Write one word a line.")
            % {"word": longest[:30], "limit": LONGEST_WORD}
        )
    return list(words.values())


def read(name: str, data: bytes) -> list[str]:
    """Read an uploaded .txt or .csv file; of a table, the first column counts.

    Errors: WordListError with a sentence for the user.
    """
    if len(data) > MOST_BYTES:
        raise WordListError(
            _("The file is larger than %(limit)d MB.") % {"limit": MOST_BYTES // 1_000_000}
        )
    if not data.strip():
        raise WordListError(_("The file is empty."))
    text = decoded(data)
    return tidy(_first_column(text) if name.lower().endswith(".csv") else text)


def decoded(data: bytes) -> str:
    """Decode UTF-8, UTF-16 with its mark, or a Chinese encoding.

    Errors: WordListError when it is no text.
    """
    encodings = ("utf-16",) if data.startswith(UTF_16_MARKS) else ENCODINGS
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _is_readable(text):
            return text
    raise WordListError(
        _("The file is no text in UTF-8, UTF-16 or GBK. Save it as UTF-8 and try again.")
    )


def _is_readable(text: str) -> bool:
    odd = sum(not letter.isprintable() and letter not in "\r\n\t" for letter in text)
    return "\x00" not in text and odd <= _MOST_ODD * len(text)


def _first_column(text: str) -> str:
    try:
        rows = list(delimited.reader(io.StringIO(text, newline="")))
    except csv.Error as error:
        raise WordListError(
            _("The table cannot be read: %(reason)s") % {"reason": error}
        ) from error
    return "\n".join(row[0] for row in rows if row)


def add(words: str, more: list[str]) -> tuple[str, int]:
    """Append words to a list; returns it and how many of them it had already."""
    together = [*words.splitlines(), *more]
    tidied = tidy("\n".join(together))
    return "\n".join(tidied), len(together) - len(tidied)
