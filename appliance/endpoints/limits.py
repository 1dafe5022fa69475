"""What a stranger may take of the door: one value with every bound, so that no number hides in the code.

Chosen for a Raspberry Pi with 1 GiB. The settings give some of them; tests make them small.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one door, in bytes and seconds."""

    ahead_bytes: int = 65_536  # of a body, read before a thread is asked
    piece_bytes: int = 262_144  # of a body, gathered before the waiting thread is woken
    window_bytes: int = 1_048_576  # of a body, held for a thread that reads slower than the client writes
    stall_seconds: float = 60.0  # without one byte of a body or of an answer: noticed after one to two of these
    waiting: int = 256  # requests that may wait for a thread; more are answered 503
    gather_bytes: int = 65_536  # of a streamed answer, gathered before it is sent; a shorter one gets a length
    old_answer_bytes: int = 8_388_608  # of a streamed answer, kept for an HTTP/1.0 client
    drain_bytes: int = 262_144  # of an unread body, read so that the connection can be kept
    linger_seconds: float = 30.0  # an unread body is read for so long, after the answer and before closing
    linger_bytes: int = 1_073_741_824  # and so much of it
    stop_seconds: float = 15.0  # running requests may take so long when the door closes
