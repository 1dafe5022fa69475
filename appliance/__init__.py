"""Gotgan: a household's server for contacts, calendars and files, with one ledger of every change."""

__version__ = "0.1.0"
