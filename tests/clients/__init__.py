"""Recorded conversations of real clients, and model clients that delete by the rules of the real ones."""

import pytest

pytest.register_assert_rewrite("tests.clients.replay", "tests.clients.wire")
