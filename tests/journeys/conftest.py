"""Journeys: real processes, real clients, and what happens to both when something breaks."""

from __future__ import annotations

from tests.newcomers import device, second_device, server, slugs

__all__ = ["device", "second_device", "server", "slugs"]
