"""What surely has no loop and no run is not read closely; nothing else is passed over."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from quality import characters
from quality.content import repetition
from quality.content.repeats import PIECE, may_repeat
from quality.content.subject import Subject, subjects

ORDINARY = Path(__file__).parent.parent / "ordinary"
PROSE = "The river was frozen, and the boys of the village walked over it to their school. "
words = st.text(st.sampled_from("abAΣσςİi 1-= .茶叶Ａ\n\u3000"), min_size=1, max_size=14)


def closely(texts: list[str]) -> list[repetition.Hit]:
    subject = Subject(texts)
    subject.may_repeat = [True] * len(texts)
    return repetition.find(subject)


@given(words, words, st.integers(2, 20), words)
@example("the tea is good ", "", 9, "")
@example("İst", "", 20, "")
@example("茶在 春天", "", 8, "好")
@example("ΑΣ ", "", 20, "")
@example("averylongwordindeed", "", 6, "")
def test_finds_whatever_a_close_look_would_find(unit, before, times, behind):
    texts = [before * times, f"{before}{unit * times}{behind}", f"{PROSE}{unit * times}"]
    assert repetition.find(Subject(texts)) == closely(texts)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_few_ordinary_texts_need_a_close_look(language):
    lines = (ORDINARY / f"{language}.txt").read_text(encoding="utf-8").splitlines()
    assert sum(may_repeat(lines)) <= len(lines) / 8


@pytest.mark.parametrize(
    ("text", "may"),
    [
        ("", False),
        ("a", False),
        ("no no no no", False),
        ("茶" * 4, True),
        (PROSE, False),
        (PROSE * 4, True),
        ("hahahaha " * 9, True),
        (f"{PROSE}----", True),
        ("春天采茶，当天烘干。" * 5, True),
        ("x" + "0123456789abcdef" * 2, True),
    ],
)
def test_tells_which_may_repeat_themselves(text, may):
    assert may_repeat([PROSE, text, PROSE]) == [False, may, False]


def test_a_loop_at_the_end_of_a_long_text_is_not_thinned_out():
    letters = "".join(map(chr, range(0x4E00, 0x4E00 + 2 * PIECE)))
    assert may_repeat([letters, letters + "采茶烘干" * 100]) == [False, True]


def test_each_record_is_told_of_its_own_texts(monkeypatch):
    monkeypatch.setattr(characters, "CHARACTERS_AT_ONCE", 100)
    records = [[PROSE, PROSE * 4], [], [PROSE * 4], ["", PROSE]]
    told = [subject.may_repeat for subject in subjects(records, ())]
    assert told == [[False, True], [], [True], [False, False]]
    assert told == [Subject(texts).may_repeat for texts in records]
