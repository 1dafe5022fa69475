"""Judges cards and calendars by text-match, collations and filters. Pure; reads no storage."""
