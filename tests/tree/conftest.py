"""Whole servers without a socket, as `tests/spec` makes them."""

from tests.spec.conftest import desk, founded

__all__ = ["desk", "founded"]
