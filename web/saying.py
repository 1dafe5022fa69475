"""What an error says in the reader's language, where the room that raised it put a number into its sentence."""

from __future__ import annotations

from flask_babel import gettext, ngettext

from appliance import errors


def said(error: errors.GotganError) -> str:
    """Return the sentence of an error in the visitor's language."""
    if isinstance(error, errors.TooManyAttempts):
        waiting: str = ngettext(
            "Too many attempts. The next one counts in %(num)s second.",
            "Too many attempts. The next one counts in %(num)s seconds.",
            error.retry_after_seconds,
        )
        return waiting
    return told(error.args[0] if error.args else "")


def told(sentence: str) -> str:
    """Return a sentence of a room in the visitor's language; English where nobody has translated it."""
    if isinstance(sentence, errors.Sentence):
        translated: str = gettext(sentence.template, **sentence.names)
        return translated
    plain: str = gettext(sentence)
    return plain
