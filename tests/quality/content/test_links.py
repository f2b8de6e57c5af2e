"""Web addresses in English and Chinese sentences: where they begin, and where they end."""

from __future__ import annotations

import pytest

from quality.content import Action, Kind, apply
from synthesis.models import Record
from tests.quality.content.finding import found, rule

MASK = rule(Kind.URL, Action.MASK)


def masked(text: str) -> str:
    record = Record(content={"text": text})
    apply([record], [MASK])
    return record.content["text"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("See https://acme.io.", "See [link].", id="a full stop"),
        pytest.param("See https://acme.io/a?b=c#d, or", "See [link], or", id="a comma"),
        pytest.param("(https://acme.io/a)", "([link])", id="brackets around it"),
        pytest.param("https://acme.io/Tea_(drink)!", "[link]!", id="brackets inside it"),
        pytest.param("(https://acme.io/Tea_(drink))", "([link])", id="brackets in and around"),
        pytest.param("http://127.0.0.1:8000/x?y=[1]", "[link]", id="an index at its end"),
        pytest.param("<https://acme.io>", "<[link]>", id="angle brackets"),
        pytest.param('"https://acme.io"', '"[link]"', id="quotes"),
        pytest.param("“https://acme.io”", "“[link]”", id="curly quotes"),
        pytest.param("[tea](https://acme.io/x)", "[tea]([link])", id="Markdown"),
        pytest.param("见https://acme.io/a。", "见[link]。", id="a Chinese full stop"),
        pytest.param("见https://acme.io/a谢谢大家", "见[link]谢谢大家", id="Chinese right behind"),
        pytest.param("见www.acme.io吧", "见[link]吧", id="Chinese around a host"),
        pytest.param("https://a.io、https://b.io", "[link]、[link]", id="a Chinese comma"),
        pytest.param("《https://a.io》！", "《[link]》！", id="Chinese quotes"),
        pytest.param("https://a.io：好", "[link]：好", id="a Chinese colon"),
        pytest.param("https://a.io/wiki/茶叶", "[link]", id="a Chinese path"),
        pytest.param("https://a.io/s?q=茶&n=1，好", "[link]，好", id="a Chinese query"),
        pytest.param("https://acme.io/é/b", "[link]", id="an accent"),
        pytest.param("https://acme.io/😀 x", "[link]😀 x", id="an emoji behind"),
        pytest.param("😀https://acme.io 😀", "😀[link] 😀", id="emoji around"),
        pytest.param("HTTPS://ACME.IO/A b", "[link] b", id="capitals"),
        pytest.param("ｈｔｔｐｓ://ａｃｍｅ．ｉｏ", "[link]", id="full-width letters"),
        pytest.param("İ https://acme.io İ", "İ [link] İ", id="letters that grow in lower case"),
        pytest.param("ftp://a.io/c\nnext", "[link]\nnext", id="a line end"),
        pytest.param("www.a.io, www.b.io", "[link], [link]", id="two hosts"),
    ],
)
def test_masks_the_address_and_nothing_else(text, expected):
    assert masked(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("acme.io", id="a bare host"),
        pytest.param("Node.js and ASP.NET", id="names with dots"),
        pytest.param("awww.cute", id="www inside a word"),
        pytest.param("www. is an old habit", id="www alone"),
        pytest.param("https:// is a scheme", id="a scheme alone"),
        pytest.param("https：//acme.io", id="a Chinese colon in the scheme"),
        pytest.param("file:///etc/hosts", id="a file"),
        pytest.param("mailto:jane@acme.io", id="mail"),
        pytest.param("C://temp", id="a drive"),
        pytest.param("a://b", id="another scheme"),
        pytest.param("网址见附件", id="only talk of addresses"),
    ],
)
def test_leaves_alone(text):
    assert found(Kind.URL, text) == []


def test_shows_what_was_found_and_how_often():
    text = "https://a.io/x and https://a.io/x and www.b.io"
    record = Record(content={"text": text})
    apply([record], [rule(Kind.URL)])
    [finding] = record.findings
    assert (finding["value"], finding["count"]) == ("https://a.io/x, www.b.io", 3)


def test_shows_no_more_of_an_endless_address_than_a_line():
    [(_code, shown)] = found(Kind.URL, f"https://a.io/{'x' * 5000}")
    assert len(shown) == 100


@pytest.mark.parametrize("unit", ["https://a", "www.a", ")", "https://a.io/茶", "/茶", "a.)]}"])
def test_reads_a_long_odd_text_to_its_end(unit):
    text = f"https://a.io/{unit * (30_000 // len(unit))} end"
    assert masked(text).endswith(" end")
