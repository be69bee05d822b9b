"""No function is longer than a reader can hold, unless its docstring says why it is one piece."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MOST_NODES, MOST_BRANCHES = 400, 15
REASON = "One piece because "
Function = ast.FunctionDef | ast.AsyncFunctionDef
BRANCHES = (
    ast.If,
    ast.For,
    ast.While,
    ast.And,
    ast.Or,
    ast.ExceptHandler,
    ast.IfExp,
    ast.comprehension,
    ast.Assert,
)


def _body(function: Function) -> list[ast.stmt]:
    return function.body[1:] if ast.get_docstring(function) else function.body


def nodes_of(function: Function) -> int:
    """Nodes of the syntax tree of a body, docstring aside."""
    return sum(1 for part in _body(function) for _ in ast.walk(part))


def complexity_of(function: Function) -> int:
    """One, and one more for each branch, loop, comprehension and assertion."""
    return 1 + sum(
        isinstance(x, BRANCHES)
        for part in _body(function)
        for x in ast.walk(part)
    )


def too_long(source: str) -> Iterator[str]:
    """Functions beyond a limit that do not say why."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, Function):
            continue
        nodes, complexity = nodes_of(node), complexity_of(node)
        is_long = nodes > MOST_NODES or complexity > MOST_BRANCHES
        if is_long and REASON not in " ".join(
            (ast.get_docstring(node) or "").split()
        ):
            yield f"{node.name}: {nodes} nodes, complexity {complexity}"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("    x = 1", []),
        ("    x = " + "+".join("1" * 133), []),
        ("    x = " + "+".join("1" * 134), ["f: 403 nodes, complexity 1"]),
        (
            '    """One piece because\n    it is a table."""\n    x = '
            + "+".join("1" * 200),
            [],
        ),
        ("    if x: pass\n" * 15, ["f: 60 nodes, complexity 16"]),
    ],
)
def test_what_is_too_long(body: str, told: list[str]) -> None:
    assert list(too_long(f"def f(x):\n{body}\n")) == told


@pytest.mark.parametrize(
    "path",
    sorted((ROOT / "musclepose").rglob("*.py")),
    ids=lambda p: str(p.relative_to(ROOT)),
)
def test_no_function_is_too_long_without_a_reason(path: Path) -> None:
    assert list(too_long(path.read_text("utf-8"))) == []
