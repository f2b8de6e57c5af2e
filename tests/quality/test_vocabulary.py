"""What is known about words: opposites, synonyms, forms, and what stands in no list."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality import vocabulary

LISTS = ("synonyms_en", "synonyms_more_en", "synonyms_zh", "antonyms_en", "antonyms_zh")
words = st.text(st.sampled_from("abdeilmnrsuy茶绿"), min_size=1, max_size=10)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("hot", "cold", id="listed"),
        pytest.param("rises", "falls", id="forms"),
        pytest.param("opened", "closed", id="past forms"),
        pytest.param("able", "unable", id="un"),
        pytest.param("legal", "illegal", id="il"),
        pytest.param("possible", "impossible", id="im"),
        pytest.param("regular", "irregular", id="ir"),
        pytest.param("correct", "incorrect", id="in"),
        pytest.param("agree", "disagree", id="dis"),
        pytest.param("smoker", "nonsmoker", id="non"),
        pytest.param("understood", "misunderstood", id="mis"),
        pytest.param("activate", "deactivate", id="de"),
        pytest.param("useful", "useless", id="ful and less"),
        pytest.param("home", "homeless", id="less"),
        pytest.param("sugar", "sugarfree", id="free"),
        pytest.param("最大", "最小", id="Chinese"),
        pytest.param("上涨", "下跌", id="Chinese verbs"),
    ],
)
def test_knows_opposites_both_ways(one, other):
    assert vocabulary.are_opposites(one, other)
    assert vocabulary.are_opposites(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("tea", "milk", id="other things"),
        pytest.param("hot", "warm", id="degrees"),
        pytest.param("cat", "uncat", id="a word too short for a prefix"),
        pytest.param("unable", "table", id="another beginning"),
        pytest.param("less", "ful", id="endings alone"),
        pytest.param("bless", "b", id="too short for an ending"),
        pytest.param("茶", "水", id="Chinese"),
    ],
)
def test_calls_other_words_no_opposites(one, other):
    assert not vocabulary.are_opposites(one, other)
    assert not vocabulary.are_opposites(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("big", "large", id="listed"),
        pytest.param("begins", "starts", id="forms"),
        pytest.param("explained", "explains", id="two forms of one word"),
        pytest.param("studies", "study", id="ies"),
        pytest.param("stopped", "stop", id="a doubled letter"),
        pytest.param("making", "make", id="a dropped e"),
        pytest.param("如何", "怎样", id="Chinese"),
        pytest.param("主要", "关键", id="Chinese adjectives"),
    ],
)
def test_knows_synonyms_both_ways(one, other):
    assert vocabulary.are_synonyms(one, other)
    assert vocabulary.are_synonyms(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [("hot", "cold"), ("tea", "coffee"), ("茶", "水"), ("aspirin", "ibuprofen"), ("cat", "car")],
)
def test_calls_other_words_no_synonyms(one, other):
    assert not vocabulary.are_synonyms(one, other)


@pytest.mark.parametrize("word", ["the", "not", "large", "falls", "北京", "如何", "hot"])
def test_knows_a_word_of_any_list(word):
    assert vocabulary.is_known(word)


@pytest.mark.parametrize("word", ["zyrtec", "teh", "qwertz", "", "12"])
def test_knows_no_word_that_stands_nowhere(word):
    assert not vocabulary.is_known(word)


@pytest.mark.parametrize(
    ("word", "stem"),
    [
        pytest.param("cities", "city", id="ies"),
        pytest.param("tried", "try", id="ied"),
        pytest.param("cups", "cup", id="s"),
        pytest.param("boxes", "box", id="es"),
        pytest.param("baked", "bake", id="ed behind an e"),
        pytest.param("boiled", "boil", id="ed"),
        pytest.param("boiling", "boil", id="ing"),
        pytest.param("making", "make", id="ing for an e"),
        pytest.param("running", "run", id="ing behind two letters"),
        pytest.param("slowly", "slow", id="ly"),
        pytest.param("warmer", "warm", id="er"),
        pytest.param("larger", "large", id="er behind an e"),
        pytest.param("biggest", "big", id="est behind two letters"),
    ],
)
def test_takes_an_ending_off(word, stem):
    assert stem in vocabulary.stems(word)


@pytest.mark.parametrize("word", ["is", "red", "茶叶很香", "été", ""])
def test_takes_nothing_off_short_or_foreign_words(word):
    assert vocabulary.stems(word) == (word,)


@given(words)
def test_a_word_is_its_own_first_stem_and_synonym(word):
    assert vocabulary.stems(word)[0] == word
    assert len(set(vocabulary.stems(word))) == len(vocabulary.stems(word))
    assert vocabulary.are_synonyms(word, word)


@given(words, words)
def test_what_two_words_are_to_each_other_does_not_depend_on_their_order(one, other):
    assert vocabulary.are_opposites(one, other) == vocabulary.are_opposites(other, one)
    assert vocabulary.are_synonyms(one, other) == vocabulary.are_synonyms(other, one)


@pytest.mark.parametrize(
    ("written", "digits"), [("twelve", "12"), ("one", "1"), ("twenty", "20"), ("hundred", "100")]
)
def test_reads_numbers_in_letters(written, digits):
    assert vocabulary.written_numbers()[written] == digits


@pytest.mark.parametrize("name", LISTS)
def test_lists_hold_no_comments_and_no_lines_of_one_word(name):
    for words_of_line in vocabulary.lines(name):
        assert len(words_of_line) > 1
        assert not words_of_line[0].startswith("#")


@pytest.mark.parametrize("name", ["antonyms_en", "antonyms_more_en", "antonyms_zh"])
def test_opposites_come_in_pairs_of_two_words(name):
    assert all(len({*pair}) == 2 == len(pair) for pair in vocabulary.lines(name))


def test_no_chinese_pair_is_both_a_synonym_and_an_opposite():
    pairs = [(one, other) for one, other in vocabulary.antonyms() if not one.isascii()]
    assert [pair for pair in pairs if vocabulary.are_synonyms(*pair)] == []
