"""Every link between the pages of the project leads somewhere."""

import re
from pathlib import Path

import pytest

from style.tree import ROOT, all_well, project_files, written

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)|<img[^>]*src=\"([^\"]+)\"")


def anchors(text: str) -> set[str]:
    """The anchors that the headings of a page give, as code hosts make them."""
    headings = re.findall(r"^#+\s+(.+)$", text, re.MULTILINE)
    plain = [re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings]
    return {heading.strip().replace(" ", "-") for heading in plain}


def check_links(root: Path) -> list[str]:
    """Links to files or headings of the project that are not there."""
    complaints = []
    for page in (p for p in project_files(root) if p.suffix == ".md"):
        text = (root / page).read_text("utf-8")
        for target in (a or b for a, b in LINK.findall(re.sub(r"`[^`]*`", "", text))):
            if re.match(r"[a-z]+:", target):
                continue
            path, _, anchor = target.partition("#")
            there = (root / page).parent / path if path else root / page
            if not there.exists():
                complaints.append(f"{page}: {target} is not there")
            elif (
                anchor and there.suffix == ".md" and anchor not in anchors(there.read_text("utf-8"))
            ):
                complaints.append(f"{page}: {target} has no such heading")
    return complaints


def test_every_link_between_pages_leads_somewhere() -> None:
    all_well(check_links(ROOT))


@pytest.mark.parametrize(
    ("link", "complaint"),
    [
        ("[a](gone.md)", "docs/a.md: gone.md is not there"),
        ("[a](b.md#no-such-place)", "docs/a.md: b.md#no-such-place has no such heading"),
        ('<img src="gone.png">', "docs/a.md: gone.png is not there"),
    ],
)
def test_a_link_that_leads_nowhere_fires(tmp_path: Path, link: str, complaint: str) -> None:
    root = written(tmp_path, {"docs/a.md": link, "docs/b.md": "# A `real` place\n"})
    assert check_links(root) == [complaint]


def test_links_that_lead_somewhere_pass(tmp_path: Path) -> None:
    text = (
        "# Here\n[a](b.md#a-real-place) [b](#here) [c](https://example.com) [d](../docs) `[e](x)`\n"
    )
    root = written(tmp_path, {"docs/a.md": text, "docs/b.md": "# A `real` place\n"})
    assert check_links(root) == []
