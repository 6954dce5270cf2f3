"""What the documents point to is there: tests, sources, other documents and their sections."""

import re
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
NAMED = re.compile(r"`((?:src|tests|docs)/[\w/.-]+?\.\w+)`")
NO_ANCHOR = re.compile(r"[^\w\- ]")
LINKED = re.compile(r"\]\((?!https?:)([^)#\s]+)?(#[\w-]+)?\)")


def headings(document: Path) -> set[str]:
    """Return the anchors that a document offers, as its viewers make them."""
    lines = document.read_text().splitlines()
    titles = [line.lstrip("#").strip() for line in lines if line.startswith("#")]
    return {"#" + NO_ANCHOR.sub("", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_file_that_a_document_names_is_there(document: Path) -> None:
    missing = [name for name in NAMED.findall(document.read_text()) if not (ROOT / name).exists()]
    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_of_a_document_leads_somewhere(document: Path) -> None:
    for path, anchor in LINKED.findall(document.read_text()):
        target = document if not path else (document.parent / path).resolve()
        assert target.exists(), f"{document.name} links to {path}"
        if anchor and target.suffix == ".md":
            assert anchor in headings(target), f"{document.name} links to {path}{anchor}"
