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


@pytest.mark.parametrize(
    ("text", "length", "found"),
    [
        ("e\u0301" * 6, 5, ["e\u0301" * 2] * 3),
        ("👍🏽👍🏽👍🏽👍🏽", 5, ["👍🏽👍🏽", "👍🏽👍🏽"]),
        ("❤\ufe0f" * 4, 5, ["❤\ufe0f❤\ufe0f"] * 2),
        ("👩\u200d🚀" * 4, 4, ["👩\u200d🚀"] * 4),
        ("हिहिहिहि", 5, ["हिहि", "हिहि"]),
    ],
    ids=["accent", "skin tone", "variation", "joined", "vowel"],
)
def test_a_letter_keeps_its_marks(text, length, found):
    assert texts(text, "length", length) == found


def test_marks_without_end_are_cut_at_the_length():
    assert texts("\u0301" * 25, "length", 10) == ["\u0301" * 10, "\u0301" * 10, "\u0301" * 5]


def test_what_is_repeated_begins_with_a_whole_letter():
    found = texts("e\u0301" * 12, "length", 9, overlap=3)
    assert all(piece.startswith("e") for piece in found)
    assert found[0][-2:] == found[1][:2] == "e\u0301"


@pytest.mark.parametrize(
    ("text", "length", "found"),
    [
        ("他说很好听。“好的呀。”然后走了", 11, ["他说很好听。", "“好的呀。”然后走了"]),
        ("一二三四五六……七八", 7, ["一二三四五", "六……七八"]),
        ("一二三四五六七，八九", 7, ["一二三四五六", "七，八九"]),
    ],
)
def test_no_chunk_begins_with_the_end_of_a_sentence(text, length, found):
    assert texts(text, "length", length) == found


def test_an_opening_quotation_mark_after_a_space_may_begin_a_chunk():
    assert texts("One two. ”Three” four", "length", 9) == ["One two.", "”Three”", "four"]


@pytest.mark.parametrize("delimiter", [".", "*", "|", "\\", "[a-z]", "(?:", "$", "^", "a|b", "\\d"])
def test_a_delimiter_is_a_text_and_no_pattern(delimiter):
    text = f"1ab2{delimiter}3"
    assert texts(text, "delimiter", 100, delimiter=delimiter) == ["1ab2", "3"]


def test_a_delimiter_that_never_occurs_leaves_pieces_of_the_length():
    assert texts("One two. Three.", "delimiter", 10, delimiter="###") == ["One two.", "Three."]


def test_a_text_of_delimiters_gives_nothing():
    assert texts("--" * 50 + " \n--", "delimiter", 10) == []


def test_delimiters_do_not_overlap():
    assert texts("a-----b", "delimiter", 10) == ["a", "-b"]


def test_no_piece_repeats_what_stands_before_its_delimiter():
    assert texts("aaaa bbbb--cccc dddd", "delimiter", 10, overlap=5) == ["aaaa bbbb", "cccc dddd"]


def test_paragraphs_repeat_nothing():
    found = texts("aaaa bbbb cccc\n\ndddd eeee ffff", "paragraph", 10, overlap=5)
    assert found == ["aaaa bbbb", "cccc", "dddd eeee", "ffff"]


def test_a_paragraph_of_just_the_length_stays_whole():
    assert texts("x" * 10 + "\n\n" + "y" * 11, "paragraph", 10) == ["x" * 10, "y" * 10, "y"]


@pytest.mark.parametrize("between", ["\n\n", "\n \t\n", "\n\n\n\n", "\n\u3000\n", "\n\f\n"])
def test_a_line_of_any_white_space_parts_paragraphs(between):
    assert texts(f"aaaa{between}bbbb", "paragraph", 5) == ["aaaa", "bbbb"]


def test_a_form_feed_is_white_space():
    assert texts("\faaaa\fbbbb\f", "length", 6) == ["aaaa", "bbbb"]


def test_a_heading_of_a_higher_level_closes_those_below():
    text = "# A\n### B\n## C\n# D"
    levels = [(0, 1, "A"), (4, 3, "B"), (10, 2, "C"), (15, 1, "D")]
    found = chunks(text, "heading", 50, headings=[Heading(*level) for level in levels])
    assert [chunk.heading for chunk in found] == ["A", "A > B", "A > C", "D"]


def test_a_heading_at_the_end_is_a_chunk_of_its_own():
    found = chunks("text\n# A", "heading", 50, headings=[Heading(5, 1, "A")])
    assert found == [(0, 4, ""), (5, 8, "A")]


@pytest.mark.parametrize("length", [1, 2, 3])
def test_the_shortest_lengths_come_to_an_end(length):
    found = texts("ab c。”\u0301d", "length", length, overlap=length)
    assert max(map(len, found)) == length
    assert found[-1].endswith("d")
