"""How fast wrong passwords may come: one bucket of attempts for each address and one for each account.

A wrong password takes one attempt out of both buckets; an empty bucket answers "come back in n seconds" and nobody
ever sleeps. A right device password is not asked about: it has 120 random bits, so that checking it first gives a
guesser nothing, and nobody who guesses, be it through the same router, can lock the rightful phone out. Passwords
that people choose are another matter: whoever checks one calls `wait_seconds` first.

Each bucket is a single number, the time at which it will be full again, and at most `LARGEST` of them are kept.
The one that goes first was drawn from least recently: it is the fullest of all, so that little is forgotten.
"""

from __future__ import annotations

import ipaddress
import math
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

LARGEST = 4096
LONGEST_KEY = 64


@dataclass(frozen=True, slots=True)
class Rate:
    """`burst` attempts at once, then one every `every_seconds`."""

    burst: int
    every_seconds: float


PER_ADDRESS = Rate(burst=20, every_seconds=6.0)
PER_ACCOUNT = Rate(burst=40, every_seconds=15.0)  # wider: an account can be guessed at from many addresses


class Buckets:
    """The buckets of one kind."""

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._full_at: OrderedDict[str, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._full_at)

    def wait(self, key: str, now: float) -> float:
        """Return the seconds until an attempt is left, 0.0 when one is."""
        missing = max(0.0, self._full_at.get(key, now) - now)
        return max(0.0, missing - (self._rate.burst - 1) * self._rate.every_seconds)

    def draw(self, key: str, now: float) -> None:
        """Take one attempt out."""
        self._full_at[key] = max(now, self._full_at.get(key, now)) + self._rate.every_seconds
        self._full_at.move_to_end(key)
        if len(self._full_at) > LARGEST:
            self._full_at.popitem(last=False)


class Throttle:
    """Both kinds of buckets. `now` counts seconds and never runs backwards."""

    def __init__(
        self, now: Callable[[], float], *, per_address: Rate = PER_ADDRESS, per_account: Rate = PER_ACCOUNT
    ) -> None:
        self._now = now
        self._guard = threading.Lock()
        self._addresses = Buckets(per_address)
        self._accounts = Buckets(per_account)

    def wait_seconds(self, address: str, account: str) -> int:
        """Return after how many whole seconds another attempt may be made; 0: now."""
        with self._guard:
            return self._wait(network_of(address), account[:LONGEST_KEY], self._now())

    def wrong(self, address: str, account: str) -> int:
        """Record a wrong password. Returns 0 if it was within bounds, else the whole seconds to wait.

        One out of bounds takes nothing out: whoever knocks on and on waits no longer than whoever stops.
        """
        network, account = network_of(address), account[:LONGEST_KEY]
        with self._guard:
            now = self._now()
            wait = self._wait(network, account, now)
            if not wait:
                self._addresses.draw(network, now)
                self._accounts.draw(account, now)
            return wait

    def _wait(self, network: str, account: str, now: float) -> int:
        return math.ceil(max(self._addresses.wait(network, now), self._accounts.wait(account, now)))

    @property
    def remembered(self) -> int:
        """How many buckets are kept: bounded, whatever strangers send."""
        with self._guard:
            return len(self._addresses) + len(self._accounts)


def network_of(address: str) -> str:
    """Return what counts as one address: an IPv4 address, or the /64 that an IPv6 customer owns as a whole."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:LONGEST_KEY]
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.IPv6Network((int(parsed) >> 64 << 64, 64)))
    return str(parsed)
