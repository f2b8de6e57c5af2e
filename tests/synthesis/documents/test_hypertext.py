"""HTML pages: what is seen of them."""

from __future__ import annotations

import pytest

from synthesis.documents import hypertext
from synthesis.documents.blocks import Block, DocumentError

pytestmark = pytest.mark.any_database


def texts(markup):
    return [block.text for block in hypertext.blocks(markup)]


def test_headings_have_their_level():
    found = list(hypertext.blocks("<h1>Top</h1><p>a<h3>Below</h3>b"))
    assert found == [Block("Top", 1), Block("a"), Block("Below", 3), Block("b")]


@pytest.mark.parametrize(
    ("markup", "found"),
    [
        ("<p>Hello <b>bold</b> and\n  <i>more</i>.</p>tail", ["Hello bold and more.", "tail"]),
        ("<p>one<br>two</p>", ["one\ntwo"]),
        ("<ul><li>a<li>b</ul>", ["- a", "- b"]),
        ("<table><tr><td>1<td>2<tr><td>3</table>", ["1 | 2", "3"]),
        ("<table>\n<tr>\n <th>k</th>\n <td>v</td>\n</tr>\n</table>", ["k | v"]),
        ("<table><tr><td></td><td>x</td></tr></table>", ["| x"]),
        ("<table><tr><td> </td><td></td></tr></table>x", ["x"]),
        ("<ul><li>a<ul><li>b</ul>c</ul>", ["- a", "- b", "c"]),
        ("<P>UPPER</P><o:p>Word</o:p>", ["UPPER", "Word"]),
        ("<form>a<textarea>b</textarea></form>", ["a", "b"]),
        ("a&nbsp;&nbsp;b &copy; &notone; &lt;b>", ["a b © ¬one; <b>"]),
        ("&#x1F600;&#xD800;&#x80;", ["😀\ufffd€"]),
        ("<p>a<hr>---<p>-5", ["a", "-5"]),
        ("<pre>a\n\n  b</pre> tail", ["a\n\n  b", "tail"]),
        ("<p>e\u0301 a\u200bb", ["e\u0301 a\u200bb"]),
        ("<pre>a\n   b</pre>", ["a\n   b"]),
        ("a<!-- hidden -->b &amp; &#x4e2d;", ["ab & 中"]),
        ("<p>broken <b>markup", ["broken markup"]),
        ("no markup at all", ["no markup at all"]),
        ("", []),
        ("<!-- nothing -->", []),
    ],
)
def test_reads_what_is_seen(markup, found):
    assert texts(markup) == found


@pytest.mark.parametrize(
    "markup",
    [
        "<script>steal()</script>",
        "<style>p {}</style>",
        "<head><title>t</title><script>x</script></head>",
        "<template><p>x</p></template>",
        "<svg><text>x</text></svg>",
        "<noscript>x</noscript>",
        "<iframe src='http://x'>x</iframe>",
        "<select><option>x</select>",
    ],
)
def test_leaves_out_what_is_no_text(markup):
    assert texts(f"{markup}<p>seen</p>") == ["seen"]


@pytest.mark.parametrize("encoding", ["gbk", "utf-16", "ISO-8859-1", "none-such"])
def test_a_declared_encoding_does_no_harm_once_the_page_is_text(encoding):
    declared = f'<?xml version="1.0" encoding="{encoding}"?><html><meta charset="{encoding}">'
    assert texts(f"{declared}<body><h1>茶</h1>é😀</html>") == ["茶", "é😀"]


def test_an_xhtml_page_keeps_its_headings():
    markup = '<html xmlns="http://www.w3.org/1999/xhtml"><body><h2>One</h2><p>a</p></body></html>'
    assert list(hypertext.blocks(markup)) == [Block("One", 2), Block("a")]


def test_attributes_are_no_text():
    assert texts('<p onclick="x()" title="y"><img alt="z" src="javascript:a">b</p>') == ["b"]


def test_a_page_that_the_parser_would_cut_off_is_refused():
    with pytest.raises(DocumentError, match="html_too_deep"):
        texts("<div>" * 5000 + "x" + "</div>" * 5000 + "after")
