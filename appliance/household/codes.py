"""Codes that somebody reads from one screen and types into another: letters and digits that nobody mistakes."""

from __future__ import annotations

import secrets

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # 32 signs: no 0, 1, I, O


def of_number(number: int, length: int) -> str:
    """Return the code made of the lowest `length` times five bits of a number."""
    return "".join(ALPHABET[number >> 5 * place & 31] for place in range(length))


def new_code(length: int) -> str:
    """Return a code that nobody can guess."""
    return of_number(secrets.randbits(5 * length), length)


def spelled(letters: str, group: int) -> str:
    """Return a code as it is shown, in groups."""
    return "-".join(letters[start : start + group] for start in range(0, len(letters), group))


def typed(text: str, length: int) -> str:
    """Return what was typed, in any case and grouping, as a code of this length; empty: it cannot be one."""
    letters = "".join(sign for sign in text[: 8 * length].upper() if sign not in " -_.\t\u00a0")
    return letters if len(letters) == length and set(letters) <= set(ALPHABET) else ""
