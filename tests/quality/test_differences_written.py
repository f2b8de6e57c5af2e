"""Contents as lines, and what of them a person sees as changed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality.differences import difference, wording, written

contents = (
    st.none()
    | st.text(st.sampled_from("ab 茶绿\n.,1"), max_size=20)
    | st.dictionaries(
        st.sampled_from(["question", "answer", "n"]),
        st.text(st.sampled_from("ab 茶\n.1"), max_size=12) | st.integers(0, 9) | st.none(),
        max_size=3,
    )
)


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        pytest.param(None, [], id="nothing"),
        pytest.param({}, [], id="no fields"),
        pytest.param("one\ntwo", ["one", "two"], id="a text"),
        pytest.param({"q": "Tea?"}, ["## q", "Tea?"], id="a field"),
        pytest.param({"q": "one\ntwo"}, ["## q", "one", "two"], id="a text of lines"),
        pytest.param({"q": ""}, ["## q"], id="an empty text"),
        pytest.param({"n": 3, "ok": True}, ["## n", "3", "## ok", "true"], id="no texts"),
        pytest.param({"n": None}, ["## n", "null"], id="null"),
        pytest.param({"茶": "绿"}, ["## 茶", "绿"], id="Chinese"),
        pytest.param({"a": ["茶"]}, ["## a", "[", '  "茶"', "]"], id="a list"),
        pytest.param([1], ["[", "  1", "]"], id="no object"),
    ],
)
def test_writes_each_field_under_its_name(content, lines):
    assert written(content) == lines


@pytest.mark.parametrize(
    ("before", "after", "lines"),
    [
        pytest.param({"q": "Tea?"}, {"q": "Tea?"}, [], id="nothing"),
        pytest.param(
            "tea",
            "milk",
            [("place", "@@ -1 +1 @@"), ("removed", "-tea"), ("added", "+milk")],
            id="a line",
        ),
        pytest.param(
            None, "tea", [("place", "@@ -0,0 +1 @@"), ("added", "+tea")], id="from nothing"
        ),
        pytest.param(
            "tea", None, [("place", "@@ -1 +0,0 @@"), ("removed", "-tea")], id="to nothing"
        ),
        pytest.param(
            "tea\nsugar",
            "tea",
            [("place", "@@ -1,2 +1 @@"), ("same", " tea"), ("removed", "-sugar")],
            id="a line less",
        ),
    ],
)
def test_says_line_by_line_what_differs(before, after, lines):
    assert difference(before, after) == lines


def test_shows_two_lines_around_a_change():
    before = "\n".join("abcdefgh")
    found = difference(before, before.replace("d", "D"))
    assert [line for kind, line in found if kind == "same"] == [" b", " c", " e", " f"]


def test_parts_changes_that_lie_far_from_each_other():
    before = "\n".join(map(str, range(20)))
    after = before.replace("\n3\n", "\nthree\n").replace("\n15\n", "\nfifteen\n")
    assert sum(kind == "place" for kind, _line in difference(before, after)) == 2


@pytest.mark.parametrize("line", ["-5 degrees", "+1", "@home", "--- a", "+++ b"])
def test_signs_of_the_text_are_no_signs_of_a_change(line):
    found = difference(f"{line}\nold", f"{line}\nnew")
    assert ("same", f" {line}") in found


@given(contents, contents)
def test_the_words_make_both_contents_again(before, after):
    pieces = wording(before, after)
    for kind, content in (("removed", before), ("added", after)):
        text = "".join(text for name, text in pieces if name in ("same", kind))
        assert text == "\n".join(written(content))


@given(contents)
def test_nothing_differs_from_itself(content):
    assert difference(content, content) == []
    assert {kind for kind, _text in wording(content, content)} <= {"same"}


@given(contents, contents)
def test_no_piece_is_empty(before, after):
    assert all(text for _kind, text in wording(before, after))


@pytest.mark.parametrize(
    ("before", "after", "removed", "added"),
    [
        pytest.param("green tea", "black tea", ["green"], ["black"], id="a word"),
        pytest.param("很热的茶", "很冷的茶", ["热"], ["冷"], id="a character"),
        pytest.param("it is 12", "it is 13", ["12"], ["13"], id="a number as a whole"),
        pytest.param("a b", "a  b", [" "], ["  "], id="blanks"),
        pytest.param("So.", "So!", ["."], ["!"], id="a sign"),
        pytest.param("x_1", "x_2", ["x_1"], ["x_2"], id="a name of a program"),
    ],
)
def test_marks_the_smallest_pieces(before, after, removed, added):
    found = wording(before, after)
    assert [text for kind, text in found if kind == "removed"] == removed
    assert [text for kind, text in found if kind == "added"] == added
