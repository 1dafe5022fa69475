"""Every error a person may read is declared in errors.py, explained there, and has its one row in HTTP."""

from __future__ import annotations

import ast
import inspect

import pytest

from appliance import errors
from appliance.dav.conditions import ROWS
from tests.house.source import sources

CLASSES = {
    name: kind
    for name, kind in vars(errors).items()
    if inspect.isclass(kind) and issubclass(kind, errors.GotganError) and kind is not errors.GotganError
}


def test_every_error_has_its_row_and_every_row_its_error() -> None:
    assert set(ROWS) == set(CLASSES.values())


@pytest.mark.parametrize("name", CLASSES)
def test_an_error_says_what_it_means(name: str) -> None:
    assert CLASSES[name].__doc__ is not None


@pytest.mark.parametrize("name", CLASSES)
def test_the_status_of_an_error_is_no_success(name: str) -> None:
    assert ROWS[CLASSES[name]].status in (301, 304) or 400 <= ROWS[CLASSES[name]].status <= 599


def test_errors_are_declared_in_one_place() -> None:
    elsewhere = [
        f"{source.module}: {node.name}"
        for source in sources()
        if source.module != "appliance.errors"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ClassDef)
        and any(ast.unparse(base).rpartition(".")[2] in {*CLASSES, "GotganError"} for base in node.bases)
    ]
    assert elsewhere == []
