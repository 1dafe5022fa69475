"""Carrying out batches behind an answer: each in a thread of its own, with how far it is, until the house closes.

Whoever asks waits a moment, so that what is quick is done with the answer; what is long goes on. Closed in the middle,
a batch stops after a step, as it would on a full disk, and goes on when it is asked to. It refuses to decide anything.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from appliance import errors
from appliance.history import applying
from appliance.store.ledger import Author
from appliance.tree.hall import Hall

MOST = 8  # at the same time
LOG = logging.getLogger("gotgan.carrying")

Told = Callable[[int, int], None]
"""Is told how many of how many are done; raises Busy when the house closes."""
Work = Callable[[Told], object]
Key = int | str
"""A batch's number, or the name of a work that is no batch."""


@dataclass(slots=True)
class _Going:
    thread: threading.Thread
    done: int = 0
    whole: int = 0


class Carrier:
    """Carries out batches. For many threads."""

    def __init__(self, hall: Hall) -> None:
        self._hall = hall
        self._lock = threading.Lock()
        self._going: dict[Key, _Going] = {}
        self._is_closing = threading.Event()

    def carry_out(self, author: Author, batch_id: int, *, patience_seconds: float) -> None:
        """Carry out a planned batch for an author, from wherever it is; wait for its end as long as `patience`.

        What goes on already is only waited for. Busy when too many do.
        """
        ledger = self._hall.services.ledger

        def work(told: Told) -> None:
            applying.carry_out(ledger, self._hall.writer(author), batch_id, progress=told)

        self.work(batch_id, work, patience_seconds=patience_seconds)

    def work(self, key: Key, work: Work, *, patience_seconds: float) -> None:
        """Do a work, as `carry_out` does that of a batch."""
        with self._lock:
            going = self._going.get(key)
            if going is None:
                if len(self._going) >= MOST:
                    raise errors.Busy("Much is being brought back just now; press again in a minute.")
                thread = threading.Thread(target=self._run, args=(key, work), name=f"carrying {key}")
                going = self._going[key] = _Going(thread)
                thread.start()
        going.thread.join(patience_seconds)

    def progress(self, key: Key) -> tuple[int, int] | None:
        """Return how many of how many steps of a work are done, (0, 0) at first; None: it does not go on here."""
        with self._lock:
            going = self._going.get(key)
            return None if going is None else (going.done, going.whole)

    def close(self) -> None:
        """Stop what goes on after its step, and wait for it."""
        self._is_closing.set()
        with self._lock:
            waiting = [going.thread for going in self._going.values()]
        for thread in waiting:
            thread.join()

    def _run(self, key: Key, work: Work) -> None:
        def told(done: int, whole: int) -> None:
            with self._lock:
                going = self._going[key]
                going.done, going.whole = done, whole
            if self._is_closing.is_set() and done < whole:
                raise errors.Busy("The house was closed in between.")

        try:
            work(told)
        except errors.GotganError as error:
            LOG.warning("work %s ended early: %s", key, error)
        except Exception:
            LOG.exception("work %s ended early", key)
        finally:
            with self._lock:
                del self._going[key]
            self._hall.services.ledger.database.close_thread()
