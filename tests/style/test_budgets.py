"""Functions, files and parameter lists stay within their budgets; old debts may only shrink."""

from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

from style.tree import PACKAGE, ROOT, all_well, functions, python_files, read_toml, written

RATCHET = "tests/style/ratchet.toml"
CODE = ("src", "tests", "bench", "cases")

FUNCTION_HARD, FUNCTION_P95 = 70, 35
FILE_HARD, FILE_MEDIAN = 400, 120
PARAMETERS = 6
FOLDER_DEPTH = 2


def percentile_95(figures: list[int]) -> int:
    """The smallest figure that at least 95 % of them do not exceed; 0 of nothing."""
    ordered = sorted(figures)
    return ordered[-(-95 * len(ordered) // 100) - 1] if ordered else 0


def lines_of(root: Path, path: Path) -> int:
    """How many lines a file has."""
    return len((root / path).read_text("utf-8").splitlines())


def figures(root: Path) -> Iterator[tuple[str, str, float, int]]:
    """Every measured thing: its table in the ratchet file, its name, its figure, its budget."""
    inside = [f for path in python_files(root, "src") for f in functions(root, path)]
    outside = [f for path in python_files(root, *CODE[1:]) for f in functions(root, path)]
    for function in inside + outside:
        yield "function_lines", function.place, function.lines, FUNCTION_HARD
    for function in inside:
        yield "parameters", function.place, function.parameters, PARAMETERS
    for path in python_files(root, *CODE):
        yield "file_lines", path.as_posix(), lines_of(root, path), FILE_HARD
    lengths = [lines_of(root, path) for path in python_files(root, "src")]
    yield "whole", "function_lines_p95", percentile_95([f.lines for f in inside]), FUNCTION_P95
    yield "whole", "file_lines_median", median(lengths) if lengths else 0, FILE_MEDIAN


def check_budgets(root: Path) -> list[str]:
    """What is over budget and not recorded, and what is recorded higher than it really is."""
    recorded = read_toml(root / RATCHET)
    seen: set[tuple[str, str]] = set()
    complaints = []
    for table, name, figure, budget in figures(root):
        allowed = recorded.get(table, {}).get(name)
        if figure > budget:
            seen.add((table, name))
        if allowed is None and figure > budget:
            complaints.append(
                f"{table}: {name} has {figure:g}, the budget is {budget}; take it apart"
            )
        elif isinstance(allowed, int | float) and figure > max(allowed, budget):
            complaints.append(
                f"{table}: {name} grew from {allowed:g} to {figure:g}; it may only shrink"
            )
        elif isinstance(allowed, int | float) and budget < figure < allowed:
            complaints.append(f"{table}: {name} shrank to {figure:g}; write that into {RATCHET}")
    paid = [(t, n) for t, names in recorded.items() for n in names if (t, n) not in seen]
    complaints += [f"{t}: {n} is within its budget now; take it out of {RATCHET}" for t, n in paid]
    return complaints


def check_depth(root: Path) -> list[str]:
    """Folders more than two below the package."""
    folders = {p.parent.relative_to(PACKAGE) for p in python_files(root, PACKAGE.as_posix())}
    deep = sorted(f.as_posix() for f in folders if len(f.parts) > FOLDER_DEPTH)
    return [
        f"{PACKAGE}/{name} is more than {FOLDER_DEPTH} folders deep; flatten it" for name in deep
    ]


def test_every_function_and_file_is_within_its_budget() -> None:
    all_well(check_budgets(ROOT))


def test_no_folder_is_deeper_than_two() -> None:
    all_well(check_depth(ROOT))


def function(lines: int, parameters: int = 1) -> str:
    """The text of a function with that many lines of code and parameters."""
    names = ", ".join(f"a{i}" for i in range(parameters))
    body = "".join(f"    b{i} = {i}\n" for i in range(lines - 1))
    return f'def made({names}):\n    """Not code."""\n    # Nor this.\n\n{body}'


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (function(71), "made has 71, the budget is 70"),
        (function(3, parameters=7), "made has 7, the budget is 6"),
        (function(36), "function_lines_p95 has 36, the budget is 35"),
        ("\n" * 401, "a.py has 401, the budget is 400"),
        ("\n" * 121, "file_lines_median has 121, the budget is 120"),
    ],
)
def test_the_budget_fires_on_the_first_line_too_many(
    tmp_path: Path, text: str, complaint: str
) -> None:
    complaints = check_budgets(written(tmp_path, {"src/equipoise/a.py": text}))
    assert any(complaint in c for c in complaints), complaints


def test_code_that_just_fits_is_left_alone(tmp_path: Path) -> None:
    """Docstrings, comments and blank lines do not count, nor does `self`."""
    method = "class A:\n    def f(self, a, b, c, d, e, *, f):\n        return a\n"
    files = {"src/equipoise/a.py": function(35), "src/equipoise/b.py": method}
    assert check_budgets(written(tmp_path, files)) == []


@pytest.mark.parametrize(
    ("recorded", "complaint"),
    [
        (90, None),
        (89, "grew from 89 to 90"),
        (91, "shrank to 90"),
        (60, "grew from 60 to 90"),
    ],
)
def test_a_recorded_debt_may_only_shrink(
    tmp_path: Path, recorded: int, complaint: str | None
) -> None:
    debts = (
        f'[function_lines]\n"src/equipoise/a.py::made" = {recorded}\n'
        "[whole]\nfunction_lines_p95 = 90\n"
    )
    complaints = check_budgets(
        written(tmp_path, {"src/equipoise/a.py": function(90), RATCHET: debts})
    )
    assert [complaint in c for c in complaints if complaint] == [True] * bool(complaint), complaints


def test_a_debt_that_is_paid_must_leave_the_file(tmp_path: Path) -> None:
    debts = '[file_lines]\n"src/equipoise/a.py" = 500\n"src/equipoise/gone.py" = 500\n'
    complaints = check_budgets(written(tmp_path, {"src/equipoise/a.py": "", RATCHET: debts}))
    assert len([c for c in complaints if "take it out" in c]) == 2


def test_a_third_folder_fires(tmp_path: Path) -> None:
    complaints = check_depth(written(tmp_path, {"src/equipoise/a/b/c/d.py": ""}))
    assert complaints == ["src/equipoise/a/b/c is more than 2 folders deep; flatten it"]
    assert check_depth(written(tmp_path / "fine", {"src/equipoise/a/b/c.py": ""})) == []
