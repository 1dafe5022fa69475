"""The household's pages: Flask, Jinja and one stylesheet, made on the server and usable without script.

A view reads a form, calls one function, renders or redirects; whatever it shows passed the same checks in `tree` as a
DAV request. This file says what becomes of an error, and nothing else: one row each.

    application.py   the Flask application: every view is connected here
    visitor.py       who looks: a person, their language, their way into the address space
    guarding.py      what a request must bring along before a view sees it, and what every answer carries
    packing.py       what goes out packed
    nav.py           the doors in the timber wall
    language.py      catalogues, dates, numbers
    views/           one module for a page, or for a few that belong together
"""

from __future__ import annotations

from collections.abc import Mapping

from appliance import errors

STATUSES: Mapping[type[errors.GotganError], int] = {
    errors.NotSignedIn: 401,
    errors.TooManyAttempts: 429,
    errors.NotPermitted: 403,
    errors.ForeignPage: 403,
    errors.NotFound: 404,
    errors.NoParent: 409,
    errors.AlreadyThere: 409,
    errors.NameTaken: 409,
    errors.MethodRefused: 405,
    errors.UnknownMethod: 405,
    errors.PreconditionFailed: 409,
    errors.NotModified: 304,
    errors.Locked: 423,
    errors.LockConflict: 423,
    errors.BodyTooLarge: 413,
    errors.ResourceTooLarge: 413,
    errors.LengthRequired: 411,
    errors.UnsupportedMediaType: 415,
    errors.OnHold: 503,
    errors.OverQuota: 507,
    errors.DiskFull: 507,
    errors.Busy: 503,
    errors.ContentMissing: 500,
    errors.ContentThinned: 410,
    errors.ChangedSince: 409,
    errors.NotPossible: 409,
    errors.GotganError: 400,  # all the others: what was asked cannot be read or cannot be done like this
}


def status_of(error: errors.GotganError) -> int:
    """Return the status of the page that tells an error: that of its class, or of the nearest one above it."""
    return next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)
