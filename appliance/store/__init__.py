"""Remembers: SQLite, disk and content. Every change appends to the ledger."""
