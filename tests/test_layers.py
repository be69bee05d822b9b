"""The rooms of the house stand in one order: a module imports from its own floor and from the floors below it."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "musclepose"
# Lowest first; rooms of one line do not know each other.
FLOORS: tuple[frozenset[str], ...] = tuple(
    frozenset(line.split())
    for line in (
        "errors utils",
        "records",
        "physics asset_sources video_limits cluster",
        "data assets video_told",
        "licences",
        "video_stream",
        "video_decode",
        "video_child video_writer",
        "video_process",
        "video",
        "models pose",
        "quality",
        "pipeline",
        "movement",
        "report wave_llm",
        "delivery",
        "web fitting",
        "synthesis",
        "api batch",
        "infer",
        "learning",
        "evaluation benchmark train",
        "bench evaluate doctor __main__",
    )
)
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
OFFLINE = ("synthesis", "fitting", "learning", "evaluation", "benchmark")


def _room(parts: tuple[str, ...]) -> str:
    return parts[1].removesuffix(".py")


def _imports(path: Path) -> Iterator[str]:
    """Rooms that a module imports from, inside functions too."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (
                _room(tuple(a.name.split(".")))
                for a in node.names
                if a.name.startswith("musclepose.")
            )
        elif isinstance(node, ast.ImportFrom) and node.module == "musclepose":
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (
            node.module or ""
        ).startswith("musclepose."):
            yield _room(tuple(str(node.module).split(".")))


MODULES = sorted(
    p
    for p in PACKAGE.rglob("*.py")
    if p.name != "__init__.py" or p.parent != PACKAGE
)


@pytest.mark.parametrize(
    "path", MODULES, ids=lambda p: str(p.relative_to(PACKAGE))
)
def test_nothing_is_imported_from_above(path: Path) -> None:
    own = _room(path.relative_to(PACKAGE.parent).parts)
    assert own in FLOOR_OF, f"{own} has no floor yet: add it to FLOORS"
    above = {
        room
        for room in _imports(path)
        if room != own
        and not room.startswith("__")
        and FLOOR_OF[room] >= FLOOR_OF[own]
    }
    assert not above


def _cycle(edges: dict[str, set[str]]) -> list[str]:
    """Modules of one circle of imports, or none."""
    done: set[str] = set()

    def visit(module: str, way: list[str]) -> list[str]:
        if module in way:
            return way[way.index(module) :]
        if module in done:
            return []
        for other in edges.get(module, ()):
            found = visit(other, [*way, module])
            if found:
                return found
        done.add(module)
        return []

    return next((found for m in edges if (found := visit(m, []))), [])


def _top_level_edges() -> dict[str, set[str]]:
    names = {
        ".".join(
            p.relative_to(PACKAGE.parent).with_suffix("").parts
        ).removesuffix(".__init__"): p
        for p in MODULES
    }
    edges: dict[str, set[str]] = {}
    for name, path in names.items():
        found = [
            n
            for n in ast.parse(path.read_text("utf-8")).body
            if isinstance(n, ast.ImportFrom)
        ]
        candidates = {
            m
            for n in found
            for m in (n.module, *(f"{n.module}.{a.name}" for a in n.names))
            if m
        }
        edges[name] = {
            c
            for c in candidates
            if c in names and c != name and not name.startswith(f"{c}.")
        }
    return edges


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert _cycle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c"]
    assert _cycle(_top_level_edges()) == []


def test_the_app_loads_no_generator_fitting_or_training() -> None:
    code = (
        "import sys; sys.path.insert(0, '.'); import app; "
        f"print([m for m in sys.modules if m.startswith('musclepose.') and m.split('.')[1] in {OFFLINE}])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=PACKAGE.parent,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip().splitlines()[-1] == "[]"
