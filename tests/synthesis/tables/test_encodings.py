from __future__ import annotations

import io

import pytest

from synthesis.tables import encodings
from tests.synthesis.tables.files import contents, refusal

ROW = {"问题": "茶是什么？", "答案": "一种饮料。"}
JSON_LINE = '{"问题": "茶是什么？", "答案": "一种饮料。"}\n'
TEXTS = {
    "jsonl": JSON_LINE * 2,
    "json": f"[{JSON_LINE},{JSON_LINE}]",
    "csv": "问题,答案\n茶是什么？,一种饮料。\n茶是什么？,一种饮料。\n",
    "tsv": "问题\t答案\n茶是什么？\t一种饮料。\n茶是什么？\t一种饮料。\n",
}
SAMPLE = 256
ENCODINGS = [
    "utf-8",
    "utf-8-sig",
    "utf-16",
    "utf-16-le-marked",
    "utf-16-be-marked",
    "utf-32",
    "gbk",
    "gb18030",
]


def encoded(text: str, encoding: str) -> bytes:
    name, is_marked = encoding.removesuffix("-marked"), encoding.endswith("-marked")
    return ("\ufeff" * is_marked + text).encode(name)


@pytest.fixture(autouse=True)
def small_samples(monkeypatch):
    monkeypatch.setattr(encodings, "SAMPLE_BYTES", SAMPLE)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("format", TEXTS)
def test_every_text_format_is_read_in_every_common_encoding(format, encoding):
    assert contents(encoded(TEXTS[format], encoding), format) == [ROW, ROW]


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("big5", "問題,答案\n茶是什麼,一種飲料\n綠茶從哪裡來,從中國來的茶葉\n"),
        ("cp1252", "nom,lieu\nIl a été, à Orléans, là-bas\n"),
        ("cp1251", "вопрос,ответ\nЧто такое чай,Это горячий напиток из листьев\n"),
    ],
)
def test_other_encodings_are_not_taken_for_chinese(encoding, text):
    found = encodings.detect(io.BytesIO(text.encode(encoding)))
    assert found not in ("utf-8", "gb18030")


@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
@pytest.mark.parametrize("format", ["csv", "jsonl", "json"])
def test_the_encoding_shows_wherever_the_first_foreign_letter_stands(format, encoding):
    lines = ['{"a": "tea"}'] * (SAMPLE // 5) + ['{"a": "茶叶与水"}']
    text = {
        "csv": "a\n" + "tea\n" * (SAMPLE // 2) + "茶叶与水\n",
        "jsonl": "\n".join(lines),
        "json": f"[{','.join(lines)}]",
    }[format]
    found = contents(text.encode(encoding), format)
    assert (found[0], found[-1]) == ({"a": "tea"}, {"a": "茶叶与水"})


@pytest.mark.parametrize("shift", range(4))
@pytest.mark.parametrize("encoding", ["utf-8", "gbk", "gb18030"])
def test_a_letter_cut_in_two_by_the_sample_is_no_fault(encoding, shift):
    letters = "x" * shift + "茶" * SAMPLE
    assert contents(f"a\n{letters}\n".encode(encoding), "csv") == [{"a": letters}]


@pytest.mark.parametrize("place", [0, 10, SAMPLE - 1, SAMPLE, 3 * SAMPLE])
def test_bytes_that_no_text_has_are_refused_wherever_they_stand(place):
    data = b"a\n" * (place // 2) + b"\x00\x01\n"
    assert refusal(data, "csv") == (
        "The text's encoding was not recognised; save the file as UTF-8."
    )


@pytest.mark.parametrize(
    ("format", "before", "bad"),
    [
        ("jsonl", "", b'{"a": "\xff"}\n'),
        ("csv", "a\n", b"\xff\n"),
        ("tsv", "a\tb\n", b"\xff\t\n"),
    ],
)
def test_a_bad_byte_late_in_a_text_spoils_one_letter_only(format, before, bad):
    lines = {"jsonl": '{"a": "茶"}\n', "csv": "茶\n", "tsv": "茶\t\n"}[format]
    data = (before + lines * SAMPLE).encode() + bad
    assert contents(data, format)[-2:] == [{"a": "茶"}, {"a": "\ufffd"}]


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf", b"\xff\xfe"])
def test_nothing_but_a_mark_is_an_empty_file(data):
    assert contents(data, "jsonl") == []
    assert refusal(data, "csv") == "The first line names no columns."
    assert refusal(data, "json") == "The JSON file holds no list of objects."
