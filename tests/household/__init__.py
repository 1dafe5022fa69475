"""What a household keeps, made up: contacts, events, tasks, notes and files, the same octets for the same seed.

For tests, the benchmark and demonstrations. Nothing here reads the project's own code or the network, and nothing
here is broken on purpose. `python -m tests.household --into DIR` writes it all as files.
"""

from __future__ import annotations

from tests.household.contacts import Contact, contacts
from tests.household.events import CalendarObject, events, journals, tasks
from tests.household.files import File, tree

__all__ = ["CalendarObject", "Contact", "File", "contacts", "events", "journals", "tasks", "tree"]
