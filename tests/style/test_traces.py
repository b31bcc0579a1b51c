"""What is in the repository is about the product: no place, tool or way of working shows through."""

import re
from pathlib import Path

import pytest

from style.tree import ROOT, all_well, project_files, written

# Each pattern is written so that it does not find itself.
TRACES = {
    "an absolute path of somebody's machine": r"(?<![\w.])/(root|work|farm|tmp|home|Users)/",
    "the host name of a package registry": (
        r"pypi[.]org|python[h]osted|registry[.]npmjs|registry[.]yarn|crates[.]io|proxy[.]golang[.]org"
        r"|repo1?[.]maven|deb[.]debian[.]org"
    ),
    "a tool that wrote or reviewed a text": (
        r"(?i)\b(cl[a]ude|anthro[p]ic|chat[g]pt|open[a]i|co[p]ilot|gem[i]ni|llam[a]|L[L]Ms?)\b"
        r"|language[ ]model|co-authored[-]by|generated[ ](by|with)[ ](an?[ ])?(ai|assistant)"
    ),
    "how the work was shared out": (
        r"(?i)\bsub-?agents?\b|\b(my|the)[ ]brief\b|founder[-]engineer|\bissue[ ]#?\d+\b"
        r"|\b(this|previous|last|next)[ ](working[ ])?session['s]*[ ](of[ ]work|did|will|wrote|left)"
    ),
}
NOT_READ = {".png", ".jpg", ".webp", ".ico", ".woff2", ".gz", ".zst", ".parquet", ".db"}


def check_traces(root: Path) -> list[str]:
    """Every line of the project's files that tells where, with what or by whom it was made."""
    complaints = []
    for path in project_files(root):
        if path.suffix in NOT_READ:
            continue
        for number, line in enumerate((root / path).read_text("utf-8").splitlines(), 1):
            for what, pattern in TRACES.items():
                if found := re.search(pattern, line):
                    complaints.append(f"{path}:{number} has {what}: {found.group()!r}")
    return complaints


def test_no_file_tells_where_or_with_what_it_was_made() -> None:
    all_well(check_traces(ROOT))


@pytest.mark.parametrize(
    "parts",
    [
        ("see /ho", "me/me/notes"),
        ("open('/tm", "p/x')"),
        ("https://py", "pi.org/simple"),
        ("https://registry.np", "mjs.org/a"),
        ("written by Cla", "ude"),
        ("a large langu", "age model"),
        ("Co-Authored", "-By: somebody"),
        ("what the sub", "agent did"),
        ("in a previous ses", "sion of work"),
        ("as iss", "ue #2 asks"),
    ],
)
def test_a_trace_fires_in_any_file(tmp_path: Path, parts: tuple[str, str]) -> None:
    root = written(tmp_path, {"docs/a.md": "A fine line.\n" + "".join(parts) + "\n"})
    assert len(check_traces(root)) == 1
    assert check_traces(root)[0].startswith("docs/a.md:2 has ")


def test_ordinary_words_are_no_traces(tmp_path: Path) -> None:
    """Session windows, the User-Agent, a home page and a relative folder are words of this product."""
    text = "A session window, a User-Agent, https://shop.example/home/, ./work/x, ProtectHome=yes\n"
    assert check_traces(written(tmp_path, {"docs/a.md": text})) == []
