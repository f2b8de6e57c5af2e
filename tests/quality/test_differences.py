from __future__ import annotations

import pytest

from quality import differences
from quality.differences import wording


@pytest.mark.parametrize(
    ("before", "after", "pieces"),
    [
        ("Tea is hot.", "Tea is hot.", [("same", "Tea is hot.")]),
        (
            "Tea is hot.",
            "Tea is cold.",
            [("same", "Tea is "), ("removed", "hot"), ("added", "cold"), ("same", ".")],
        ),
        ("茶很热", "茶不热", [("same", "茶"), ("removed", "很"), ("added", "不"), ("same", "热")]),
        ("Tea", "Tea!", [("same", "Tea"), ("added", "!")]),
        (None, "Tea", [("added", "Tea")]),
        ({"q": "Tea?"}, {"q": "Tea?", "n": 1}, [("same", "## q\nTea?"), ("added", "\n## n\n1")]),
    ],
)
def test_says_word_by_word_what_differs(before, after, pieces):
    assert wording(before, after) == pieces


def test_the_pieces_make_both_contents_again():
    before, after = {"a": "One two\nthree", "b": [1, 2]}, {"b": [2], "a": "One  three 三"}
    pieces = wording(before, after)
    for kind, content in (("removed", before), ("added", after)):
        text = "".join(text for name, text in pieces if name in ("same", kind))
        assert text == "\n".join(differences.written(content))


def test_long_contents_are_compared_line_by_line(monkeypatch):
    monkeypatch.setattr(differences, "MOST_PIECES", 3)
    pieces = wording("a b c\nd e f", "a b c\nd e g")
    assert pieces == [("same", "a b c\n"), ("removed", "d e f"), ("added", "d e g")]
