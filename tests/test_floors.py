"""The house's floors: a file imports only from lower floors or from its own folder, at the top, without cycles."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "graphlet"

# The table of docs/design.md: first path component below the package -> floor.
FLOORS = {
    "core": 0,
    "_guards": 1,
    "_publish": 1,
    "_work": 1,
    "sources": 1,
    "opcodes": 1,
    "ir": 1,
    "runtime": 1,
    "_evalframe": 2,
    "_specialization": 2,
    "_dispatch": 2,
    "arrayops": 2,
    "guards": 2,
    "values": 2,
    "cache": 3,
    "capture": 3,
    "passes": 3,
    "backends": 3,
    "rewrite": 4,
    "driver": 5,
    "handle": 6,
    "discover": 6,
    "_sight": 5,
    "api": 7,
    "report": 7,
    "cli": 8,
    "__init__": 8,
    "__main__": 9,
}


def python_files() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py"))


def room(parts: tuple[str, ...]) -> str:
    """The row of the table a module belongs to, given its path below the package."""
    return parts[0] if parts else "__init__"


def own_room(path: Path) -> str:
    return room(path.relative_to(PACKAGE).with_suffix("").parts)


def imported_modules(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        assert node.level == 0, "imports are absolute"
        return [f"{node.module}.{alias.name}" for alias in node.names]
    return []


def graphlet_imports(path: Path) -> list[tuple[int, str]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [
        (node.lineno, name)
        for node in ast.walk(tree)
        for name in imported_modules(node)
        if name == "graphlet" or name.startswith("graphlet.")
    ]


def test_every_room_has_a_floor() -> None:
    unknown = {own_room(path) for path in python_files()} - FLOORS.keys()
    assert not unknown


@pytest.mark.parametrize("path", python_files(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_go_down(path: Path) -> None:
    here = own_room(path)
    for lineno, name in graphlet_imports(path):
        there = room(tuple(name.split(".")[1:]))
        if there == here:
            continue
        floors = f"floor {FLOORS[there]} into {FLOORS[here]}"
        assert FLOORS[there] < FLOORS[here], f"{path}:{lineno} imports {name}: {floors}"


@pytest.mark.parametrize("path", python_files(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_stand_at_the_top(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for function in ast.walk(tree):
        if not isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        for node in ast.walk(function):
            ours = [name for name in imported_modules(node) if name.startswith("graphlet")]
            assert not ours, f"{path}:{node.lineno} imports {ours} inside {function.name}"


def test_packages_hold_only_a_docstring() -> None:
    for path in PACKAGE.rglob("__init__.py"):
        if path.parent == PACKAGE:
            continue
        body = ast.parse(path.read_text(encoding="utf-8")).body
        assert len(body) == 1, f"{path} holds more than a docstring"
        assert isinstance(body[0], ast.Expr)


def test_no_cycles_between_files() -> None:
    names = {".".join(("graphlet", *p.relative_to(PACKAGE).with_suffix("").parts)): p for p in python_files()}
    edges = {name: set() for name in names}
    for name, path in names.items():
        for _, target in graphlet_imports(path):
            edges[name].update(known for known in (target, target.rpartition(".")[0]) if known in names)
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " -> ".join((*trail, name))
        if name not in done:
            for target in edges[name] - {name}:
                visit(target, (*trail, name))
            done.add(name)

    for name in names:
        visit(name, ())
