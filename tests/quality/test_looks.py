"""What normalising and telling languages make of signs, numbers and scripts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality.language import FEWEST_WORDS, language_of, other_language
from quality.normalise import normalise, normalise_all, normalised, texts_of
from quality.validators import is_empty

texts = st.text(st.sampled_from("aB1 .,-+*/茶漢，½²'’\n_#%"), max_size=16)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        pytest.param("1,234,567", "1234567", id="millions"),
        pytest.param("3,5", "3 5", id="a decimal comma"),
        pytest.param("well-known", "well known", id="a hyphen"),
        pytest.param("-5 °C", "-5 °c", id="below zero"),
        pytest.param("5 – 3", "5-3", id="a dash for a minus"),
        pytest.param("1½ cups", "1 1/2 cups", id="one and a half"),
        pytest.param("Ⅳ", "iv", id="a Roman numeral"),
        pytest.param("the ‘best’ tea", "the best tea", id="quotes"),
        pytest.param("rock ’n’ roll", "rock n roll", id="apostrophes around"),
        pytest.param("anna@tea.cn", "anna@tea cn", id="an address of mail"),
        pytest.param("~5 and 3~5", "5 and 3~5", id="tildes"),
        pytest.param("繁體 字", "繁体字", id="blanks between characters"),
        pytest.param("用 Python 写", "用python写", id="blanks around a word"),
        pytest.param("。。。", "。。。", id="nothing but stops"),
    ],
)
def test_one_form_of(text, form):
    assert normalise(text) == form


@given(st.lists(texts, max_size=5))
def test_texts_have_the_same_forms_together_as_alone(several):
    assert normalise_all(several) == [normalise(text) for text in several]


@pytest.mark.parametrize(
    ("value", "form"),
    [
        pytest.param({"A": "X"}, {"A": "x"}, id="names stay"),
        pytest.param(["X", 1, None, True], ["x", 1, None, True], id="other values stay"),
        pytest.param({"a": {"b": ["Ｘ"]}}, {"a": {"b": ["x"]}}, id="deep inside"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_normalises_the_texts_of_a_content(value, form):
    assert normalised(value) == form


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (None, []),
        ("x", ["x"]),
        ("", [""]),
        (0, ["0"]),
        (False, ["false"]),
        ([[], {}], []),
        ({"b": "1", "a": "2"}, ["1", "2"]),
        (2.5, ["2.5"]),
    ],
    ids=repr,
)
def test_reads_what_a_content_says(value, found):
    assert list(texts_of(value)) == found


@pytest.mark.parametrize(
    ("text", "is_it"),
    [
        ("", True),
        ("\u3000", True),
        ("N/A", True),
        ("NaN", True),
        ("待定", True),
        ("不详", True),
        ("—", True),
        ("none", False),
        ("0", False),
        ("不详细", False),
        ("N/A because", False),
        ("。", False),
    ],
)
def test_a_text_says_nothing(text, is_it):
    assert is_empty(text) is is_it


@pytest.mark.parametrize("count", [FEWEST_WORDS - 1, FEWEST_WORDS])
def test_so_many_words_tell_a_language(count):
    assert language_of("茶" * count) == ("zh" if count >= FEWEST_WORDS else "")


@pytest.mark.parametrize(
    ("text", "languages"),
    [
        pytest.param("茶叶在春天采摘，当天烘干。", {"zh", "en"}, id="the first of two"),
        pytest.param("The tea that they have is old.", {"zh", "en"}, id="the second of two"),
        pytest.param("12 + 5 = 17", {"zh"}, id="a sum"),
        pytest.param("", {"fr"}, id="nothing"),
        pytest.param("お茶は春に摘まれます。", {"ja"}, id="characters beside kana"),
        pytest.param("漢字と仮名を使う言葉です。", {"ja"}, id="many characters beside kana"),
    ],
)
def test_may_be_in_one_of_the_languages(text, languages):
    assert not other_language(text, frozenset(languages))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("お茶は春に摘まれます。とてもおいしいです。", "zh", id="Japanese"),
        pytest.param("녹차는 봄에 손으로 따서 그날 말린다.", "ja", id="Korean"),
        pytest.param("Чай собирают весной и сушат в тот же день.", "en", id="Russian"),
        pytest.param("茶叶在春天采摘，当天烘干。", "ja", id="Chinese"),
    ],
)
def test_is_in_another_language_than(text, expected):
    assert other_language(text, frozenset({expected}))
