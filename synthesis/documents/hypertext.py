"""The text of an HTML page: what a reader would see, with its headings."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from synthesis.documents.blocks import Block, DocumentError

UNSEEN = {
    *("head", "script", "style", "template", "noscript", "svg", "math", "iframe", "object"),
    *("canvas", "audio", "video", "select", "button"),
}
HEADINGS = {f"h{level}": level for level in range(1, 7)}
CELLS = {"td", "th"}
WITHIN_A_BLOCK = CELLS | {
    *("a", "abbr", "b", "bdi", "bdo", "big", "br", "cite", "code", "data", "del", "dfn", "em"),
    *("font", "i", "img", "input", "ins", "kbd", "label", "mark", "q", "rp", "rt", "ruby", "s"),
    *("samp", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr"),
}
WHITE = re.compile(r"\s+")
SPACES = re.compile(r"[^\S\n]+")
AROUND_LINE_END = re.compile(r" *\n *")


def blocks(markup: str) -> Iterator[Block]:
    """Yield the page's blocks; scripts, styles and what is no text are left out.

    Errors: DocumentError when elements are nested so deep that the parser leaves some out.
    """
    # In bytes, for a text that declares an encoding of its own is refused.
    parser = etree.HTMLParser(
        huge_tree=True, remove_comments=True, remove_pis=True, encoding="utf-8"
    )
    root = etree.fromstring(markup.encode(), parser) if markup.strip() else None
    if any("depth" in entry.message for entry in parser.error_log):
        raise DocumentError("html_too_deep")
    if root is not None:
        yield from Walk().through(root)


class Walk:
    """Goes through a page and gathers the text of one block after the other."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.preformatted = 0

    def through(self, root: etree._Element) -> Iterator[Block]:
        walker = etree.iterwalk(root, events=("start", "end"))
        for event, element in walker:
            tag = element.tag
            begins = event == "start"
            if tag not in WITHIN_A_BLOCK:
                yield from self.gathered(0 if begins else HEADINGS.get(tag, 0))
            if not begins:
                self.preformatted -= tag == "pre"
                self.add(element.tail)
            elif tag in UNSEEN:
                walker.skip_subtree()
            else:
                self.enter(element)

    def enter(self, element: etree._Element) -> None:
        tag = element.tag
        self.preformatted += tag == "pre"
        if tag == "br":
            self.parts.append("\n")
        elif tag == "li":
            self.parts.append("- ")
        elif tag in CELLS and element.getprevious() is not None:
            self.parts.append(" | ")
        self.add(element.text)

    def add(self, text: str | None) -> None:
        if text:
            self.parts.append(text if self.preformatted else WHITE.sub(" ", text))

    def gathered(self, level: int) -> Iterator[Block]:
        text = "".join(self.parts)
        self.parts = []
        if not self.preformatted:
            text = AROUND_LINE_END.sub("\n", SPACES.sub(" ", text)).strip()
        if text.strip("-| \n"):
            yield Block(text, level)
