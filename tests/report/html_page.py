"""A page as a test reads it: tags, text, ids, and everything that could reach for the network."""

import re
from html.parser import HTMLParser
from pathlib import Path

from nextflop.judging.verdict import Outcome, Verdict

HOSTILE = '<script>alert(1)</script>" onload=x $a^$ &amp;'

VERDICTS = (
    Verdict("optimum", "the optimum was found", Outcome.passed, 1e-9, 1e-6, "The gradient has vanished."),
    Verdict("runs", "enough runs", Outcome.warn, 2.0, 5.0, "Few runs <b>for</b> so many parameters."),
    Verdict("back-test", "the past foretells", Outcome.unknown, float("nan"), 1.0, "Too few runs to hold out."),
)

VOID = {"meta", "link", "br", "img", "input", "hr"}


class Page(HTMLParser):
    """The parsed page; `problems` lists tags that are not closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.source = text
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.problems: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.problems += [f"<{tag}> is not closed" for tag in self._open]

    @classmethod
    def read(cls, path: Path) -> "Page":
        return cls(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open[-1] != tag:
            self.problems.append(f"</{tag}> closes <{self._open[-1] if self._open else 'nothing'}>")
        elif self._open:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        """What a person reads, blanks folded."""
        return " ".join(" ".join(self.words).split())

    def named(self, tag: str) -> list[dict[str, str]]:
        """The attributes of every tag of a name."""
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def ids(self) -> list[str]:
        return [attributes["id"] for _, attributes in self.tags if "id" in attributes]

    @property
    def references(self) -> list[str]:
        """What attributes and styles refer to."""
        found = [
            attributes[name]
            for _, attributes in self.tags
            for name in ("src", "href", "xlink:href", "srcset", "action", "data", "poster", "background")
            if name in attributes
        ]
        return found + re.findall(r"url\(\s*['\"]?([^)'\"]*)", self.source)


def check(page: Page) -> None:
    """What holds for every page of ours."""
    assert page.problems == []
    assert "http:" not in page.source
    assert "https:" not in page.source
    assert "@import" not in page.source
    assert {tag for tag, _ in page.tags}.isdisjoint({"script", "iframe", "object", "embed", "img", "form", "base"})
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    for reference in page.references:
        assert reference == "data:," or reference[1:] in page.ids, reference
        assert reference == "data:," or reference.startswith("#")
    assert len(page.ids) == len(set(page.ids))
    assert len(page.source.encode()) < 2_000_000
    assert len(page.named("h1")) == len(page.named("main")) == 1
    drawings = [attributes for attributes in page.named("svg")]
    wide = [drawing for drawing in drawings if drawing.get("class") != "narrow"]
    assert len(wide) == len(page.named("figcaption")) == len(page.named("figure")) > 0
    assert all(drawing["role"] == "img" and len(drawing["aria-label"]) > 20 for drawing in drawings)
    captions = [words for words in page.named("p") if words.get("class") == "caption"]
    assert len(page.named("table")) == len(captions)  # which stand outside of what scrolls
    assert all(table["aria-label"] for table in page.named("table"))
    assert all(attributes.get("scope") in ("row", "col") for attributes in page.named("th"))
    assert re.findall(r"(?:fill|stroke): #[0-9a-f]{6}", page.source) == []  # every colour follows light and dark
    assert "$\\math" not in page.source  # ticks that matplotlib labels by itself are LaTeX
    assert " nan" not in page.text
    assert "None" not in page.text
