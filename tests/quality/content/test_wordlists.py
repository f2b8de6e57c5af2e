from __future__ import annotations

import pytest

from quality.content import wordlists


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_reads_a_list_in_the_encodings_of_chinese_programs(encoding: str) -> None:
    data = "赌博\r\nfool\r\n\r\n刷单".encode(encoding)
    assert wordlists.read("words.txt", data) == ["赌博", "fool", "刷单"]


def test_takes_the_first_column_of_a_table() -> None:
    data = b'fool,1\n"bad, luck",2\n\n'
    assert wordlists.read("WORDS.CSV", data) == ["fool", "bad, luck"]
    assert wordlists.read("old mac.csv", b"fool,1\rhate,2\r") == ["fool", "hate"]


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("a.txt", b"", "The file is empty."),
        ("a.txt", b" \r\n ", "The file is empty."),
        ("a.txt", b"\xef\xbb\xbf\n", "The word list is empty. Write one word a line."),
        (
            "a.txt",
            b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00",
            "The file is no text in UTF-8, UTF-16 or GBK. Save it as UTF-8 and try again.",
        ),
        (
            "a.txt",
            b"caf\xe9\n",
            "The file is no text in UTF-8, UTF-16 or GBK. Save it as UTF-8 and try again.",
        ),
        ("a.txt", b"a" * 8_000_001, "The file is larger than 8 MB."),
        (
            "a.csv",
            b'"' + b"a" * 1_100_000,
            "The table cannot be read: field larger than field limit (1048576)",
        ),
        (
            "a.txt",
            b"word " * 30,
            "“word word word word word word …” is longer than 100 characters."
            " Write one word a line.",
        ),
    ],
)
def test_says_why_a_file_is_no_word_list(name: str, data: bytes, sentence: str) -> None:
    with pytest.raises(wordlists.WordListError) as refused:
        wordlists.read(name, data)
    assert str(refused.value) == sentence


def test_takes_100_000_words_and_not_more_than_twice_that() -> None:
    lines = "\n".join(f"word{number}" for number in range(200_001))
    assert len(wordlists.tidy(lines[: lines.index("word100000\n")])) == 100_000
    with pytest.raises(wordlists.WordListError, match="200001 words; 200000 are the most"):
        wordlists.tidy(lines)


def test_counts_the_words_that_a_list_has_already() -> None:
    assert wordlists.add("Fool\nclown", ["fool", "new", "new"]) == ("Fool\nclown\nnew", 2)
