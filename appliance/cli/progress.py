"""A bar for what takes longer than a second: on a terminal, never in a pipe."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

QUIET_SECONDS = 1.0
STEPS = 1000


@contextlib.contextmanager
def progress(label: str, *, clock: Callable[[], float] = time.monotonic) -> Iterator[Callable[[float], None]]:
    """Give what is told how much is done, 0 to 1; it draws a bar on stderr once a second has passed."""
    if not sys.stderr.isatty():
        yield lambda _share: None
        return
    began, shown = clock(), 0
    with contextlib.ExitStack() as stack:
        bar: ProgressBar[int] | None = None

        def told(share: float) -> None:
            nonlocal bar, shown
            if bar is None and clock() - began >= QUIET_SECONDS:
                bar = stack.enter_context(click.progressbar(length=STEPS, label=label, file=sys.stderr))
            if bar is not None:
                reached = min(STEPS, int(share * STEPS))
                bar.update(reached - shown)
                shown = reached

        yield told
