"""A function does one thing: 60 lines at most, nine of ten fit in 30. A file ends at 450."""

from __future__ import annotations

import ast

from tests.house.source import Source, sources

LONGEST_FUNCTION = 60
LONGEST_FILE = 450


def functions(source: Source) -> dict[str, int]:
    """Return the lines of each function and method, without its decorators."""
    return {
        f"{source.module}:{node.lineno} {node.name}": (node.end_lineno or node.lineno) - node.lineno + 1
        for node in ast.walk(source.tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    }


def test_no_function_is_longer_than_60_lines() -> None:
    lengths = {name: lines for source in sources() for name, lines in functions(source).items()}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FUNCTION} == {}


def test_nine_functions_of_ten_fit_in_30_lines() -> None:
    lengths = [lines for source in sources() for lines in functions(source).values()]
    assert sum(lines <= 30 for lines in lengths) >= 0.9 * len(lengths)


def test_no_file_is_longer_than_450_lines() -> None:
    lengths = {source.module: len(source.text.splitlines()) for source in sources()}
    assert {module: lines for module, lines in lengths.items() if lines > LONGEST_FILE} == {}
