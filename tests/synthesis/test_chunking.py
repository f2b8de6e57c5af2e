"""Where texts are cut, and that nothing of them is lost."""

from __future__ import annotations

import itertools
import random
import time

import pytest

from synthesis.chunking import METHODS, Cutting, Heading, cut

PIECES = [
    "茶",
    "好。",
    "他说：“走！”",
    "word ",
    "end. ",
    "Why?! ",
    "\n",
    "\n\n",
    " \n \n",
    "\u3000",
    "#",
    "--",
    "😀",
]


def chunks(text, by, length, overlap=0, delimiter="--", headings=()):
    cutting = Cutting(by=by, length=length, overlap=overlap, delimiter=delimiter)
    return list(cut(text, cutting, headings))


def texts(text, by, length, **options):
    return [text[chunk.start : chunk.end] for chunk in chunks(text, by, length, **options)]


def random_text(generator, pieces=PIECES):
    return "".join(generator.choice(pieces) for _piece in range(generator.randrange(400)))


def random_headings(generator, text):
    starts = sorted({generator.randrange(len(text) + 1) for _heading in range(5)})
    return [Heading(start, generator.randint(1, 3), f"H{start}") for start in starts]


@pytest.mark.parametrize("by", METHODS)
@pytest.mark.parametrize("seed", range(25))
def test_every_chunk_is_in_its_place_and_every_letter_in_a_chunk(by, seed):
    generator = random.Random(seed)  # noqa: S311  the same texts each time
    text = random_text(generator)
    length = generator.randint(4, 60)
    headings = random_headings(generator, text)
    found = chunks(text, by, length, generator.randint(0, length), headings=headings)
    covered = {place for chunk in found for place in range(chunk.start, chunk.end)}
    left_out = "".join(letter for place, letter in enumerate(text) if place not in covered)
    assert left_out.replace("--", "").strip() == "" if by == "delimiter" else not left_out.strip()
    for chunk in found:
        assert 0 < chunk.end - chunk.start <= length
        assert text[chunk.start : chunk.end].strip() == text[chunk.start : chunk.end]
    assert [chunk.end for chunk in found] == sorted({chunk.end for chunk in found})
    assert [chunk.start for chunk in found] == sorted({chunk.start for chunk in found})


@pytest.mark.parametrize("by", METHODS)
def test_a_short_text_is_one_chunk(by):
    assert texts("x" * 100, by, 1000, overlap=100) == ["x" * 100]


@pytest.mark.parametrize("by", METHODS)
@pytest.mark.parametrize("text", ["", " \n\n \u3000"])
def test_white_space_gives_no_chunk(by, text):
    assert texts(text, by, 100) == []


def test_a_tail_is_kept_however_short():
    assert texts("x" * 100 + " y", "length", 100) == ["x" * 100, "y"]


def test_chinese_sentences_stay_whole():
    text = "春天来了。花都开了！“你看见了吗？”他问。我们走。"
    assert texts(text, "length", 16) == ["春天来了。花都开了！", "“你看见了吗？”他问。我们走。"]


def test_english_sentences_stay_whole_and_numbers_are_no_ends():
    text = 'It costs 3.14 dollars. "Really?" she asked. Yes.'
    assert texts(text, "length", 40) == ['It costs 3.14 dollars. "Really?"', "she asked. Yes."]


def test_paragraphs_come_before_sentences():
    text = "One. Two. More.\n\nThree. Four. Five. Six."
    assert texts(text, "length", 24) == ["One. Two. More.", "Three. Four. Five. Six."]


def test_a_text_without_any_boundary_is_cut_at_the_length():
    assert texts("x" * 25, "length", 10) == ["x" * 10, "x" * 10, "x" * 5]


def test_what_is_repeated_begins_at_a_sentence():
    text = "One two three four. Five six. Seven eight nine ten. Eleven. Twelve."
    found = texts(text, "length", 40, overlap=15)
    assert found == [
        "One two three four. Five six.",
        "Five six. Seven eight nine ten. Eleven.",
        "Eleven. Twelve.",
    ]


def test_what_is_repeated_begins_at_a_word_where_no_sentence_does():
    text = "aaaa bbbb cccc dddd eeee ffff gggg hhhh"
    assert texts(text, "length", 20, overlap=8) == [
        "aaaa bbbb cccc dddd",
        "dddd eeee ffff gggg",
        "gggg hhhh",
    ]


def test_no_more_than_half_of_a_chunk_is_repeated():
    found = chunks("word " * 2000, "length", 100, overlap=5000)
    assert all(after.start - before.start >= 25 for before, after in itertools.pairwise(found))


def test_small_paragraphs_are_merged_up_to_the_length():
    text = "aaa\n\nbbb\n \nccc\n\n" + "d" * 20 + "\n\ne"
    assert texts(text, "paragraph", 10) == ["aaa\n\nbbb", "ccc", "d" * 10, "d" * 10, "e"]


def test_sections_carry_the_path_of_their_headings():
    text = "before\n# A\none\n## B\ntwo\n# C\nthree"
    headings = [Heading(7, 1, "A"), Heading(15, 2, "B"), Heading(24, 1, "C")]
    found = chunks(text, "heading", 100, headings=headings)
    assert [chunk.heading for chunk in found] == ["", "A", "A > B", "C"]
    assert texts(text, "heading", 100, headings=headings)[1] == "# A\none"


def test_a_long_section_gives_several_chunks_of_one_heading():
    found = chunks("# A\n" + "word " * 20, "heading", 40, headings=[Heading(0, 1, "A")])
    assert {chunk.heading for chunk in found} == {"A"}
    assert len(found) > 1


def test_without_headings_paragraphs_are_taken():
    assert texts("aaa\n\nbbb", "heading", 5) == ["aaa", "bbb"]


@pytest.mark.parametrize("by", ["length", "paragraph", "delimiter"])
def test_headings_are_known_however_the_text_is_cut(by):
    found = chunks("x" * 10 + "\n\n--\n\n" + "y" * 10, by, 12, headings=[Heading(12, 1, "Y")])
    assert (found[0].heading, found[-1].heading) == ("", "Y")


def test_a_delimiter_stands_in_no_chunk():
    assert texts("one--two--\n--three", "delimiter", 100) == ["one", "two", "three"]


@pytest.mark.parametrize("by", METHODS)
@pytest.mark.parametrize("unit", ["x", ".", "。", "\n", " ", "\n ", ".\n", '."', "-"])
def test_no_text_is_slow(by, unit):
    """A million letters take a second at most on any machine; a quadratic reader takes hours."""
    started = time.process_time()
    chunks(unit * (200_000 // len(unit)), by, 1000, 500)
    assert time.process_time() - started < 20
