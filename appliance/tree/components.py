"""The property that says which components a calendar keeps (RFC 4791 5.2.3): chosen when it is made, then fixed."""

from __future__ import annotations

COMPONENT_SET = "{urn:ietf:params:xml:ns:caldav}supported-calendar-component-set"
DEFAULT_COMPONENTS = ("VEVENT", "VTODO", "VJOURNAL")


def component_set(components: frozenset[str]) -> str:
    """Return the stored element for these components."""
    inner = "".join(f'<C:comp name="{name}"/>' for name in sorted(components))
    return (
        '<C:supported-calendar-component-set xmlns:C="urn:ietf:params:xml:ns:caldav">'
        f"{inner}</C:supported-calendar-component-set>"
    )
