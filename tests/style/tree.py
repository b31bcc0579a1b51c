"""What the house checks look at: the files of the project, or those of a tiny tree made to break a rule."""

import ast
import io
import subprocess
import tokenize
import tomllib
from collections.abc import Collection, Iterator
from pathlib import Path

import msgspec

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = Path("src/equipoise")

_SILENT = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}

AnyFunction = ast.FunctionDef | ast.AsyncFunctionDef


class Function(msgspec.Struct, frozen=True):
    """One function as measured: `place` is `PATH::Class.name`, `lines` are its lines of code."""

    place: str
    lines: int
    parameters: int


def project_files(root: Path) -> list[Path]:
    """Every file that is, or with the next commit would be, in the repository; relative to `root`."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    if not (root / ".git").exists():
        return sorted(p.relative_to(root) for p in root.rglob("*") if p.is_file())
    listed = subprocess.run(command, cwd=root, check=True, capture_output=True).stdout
    names = [Path(name) for name in listed.decode().split("\0") if name]
    return sorted({name for name in names if (root / name).is_file()})


def python_files(root: Path, *folders: str) -> list[Path]:
    """The Python files under the folders, sorted, relative to `root`."""
    found = (path for folder in folders for path in (root / folder).rglob("*.py"))
    return sorted(p.relative_to(root) for p in found if "node_modules" not in p.parts)


def parse(root: Path, path: Path) -> ast.Module:
    """The syntax tree of one file."""
    return ast.parse((root / path).read_text("utf-8"), filename=str(path))


def read_toml(path: Path) -> dict[str, dict[str, object]]:
    """A TOML file of tables; nothing where there is no file."""
    return tomllib.loads(path.read_text("utf-8")) if path.exists() else {}


def _docstrings(tree: ast.Module) -> set[int]:
    """The line numbers that docstrings cover."""
    covered: set[int] = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Module | ast.ClassDef | AnyFunction) or not node.body:
            continue
        first = node.body[0]
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
            covered.update(range(first.lineno, (first.end_lineno or first.lineno) + 1))
    return covered


def code_lines(root: Path, path: Path) -> set[int]:
    """The numbers of the lines that hold code: not blank, not only a comment, not a docstring."""
    source = (root / path).read_text("utf-8")
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type not in _SILENT:
            lines.update(range(token.start[0], token.end[0] + 1))
    return lines - _docstrings(ast.parse(source))


def named(tree: ast.AST, prefix: str = "") -> Iterator[tuple[str, ast.ClassDef | AnyFunction]]:
    """Every class and function of a file with its dotted name, the inner ones too."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.ClassDef | AnyFunction):
            name = f"{prefix}{child.name}"
            yield name, child
            yield from named(child, f"{name}.")
        else:
            yield from named(child, prefix)


def _parameters(function: AnyFunction) -> int:
    given = function.args
    names = [a.arg for a in (*given.posonlyargs, *given.args)]
    if names and names[0] in {"self", "cls", "mcs"}:
        names = names[1:]
    return len(names) + len(given.kwonlyargs) + bool(given.vararg) + bool(given.kwarg)


def functions(root: Path, path: Path) -> Iterator[Function]:
    """Every function of a file with its measures."""
    lines = code_lines(root, path)
    for name, node in named(parse(root, path)):
        if isinstance(node, AnyFunction):
            body = range(node.lineno, (node.end_lineno or node.lineno) + 1)
            count = sum(number in lines for number in body)
            yield Function(f"{path.as_posix()}::{name}", count, _parameters(node))


def written(root: Path, files: dict[str, str]) -> Path:
    """The same root, with these files in it."""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


def all_well(complaints: Collection[str]) -> None:
    """Fail with every complaint on a line of its own, unless there is none."""
    assert not complaints, "\n".join((f"{len(complaints)} complaints:", *complaints))
