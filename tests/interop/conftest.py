"""Other people's programs share one server; each test has a person of its own."""

from __future__ import annotations

from tests.newcomers import device, second_device, server, slugs

__all__ = ["device", "second_device", "server", "slugs"]
