"""The properties of principals: RFC 3744 4, RFC 5397, RFC 5842 3.1, and Apple's email-address-set."""

from __future__ import annotations

from collections.abc import Iterable

from appliance.dav.contracts import Address, Kind, Resource
from appliance.dav.href import spell
from appliance.dav.kinds import principal
from appliance.dav.live import Context, live
from appliance.dav.names import calendarserver, dav
from appliance.dav.writer import escape, href_element

PRINCIPALS = frozenset({Kind.PRINCIPAL})


@live(dav("current-user-principal"), "RFC 5397 3")
def current_user_principal(resource: Resource, context: Context) -> str | None:
    """Return who is signed in."""
    return href_element(context.site.principal.href)


@live(dav("principal-URL"), "RFC 3744 4.2", kinds=PRINCIPALS)
def principal_url(resource: Resource, context: Context) -> str | None:
    """Return its own address."""
    return href_element(resource.href)


@live(dav("alternate-URI-set"), "RFC 3744 4.1", kinds=PRINCIPALS)
def alternate_uri_set(resource: Resource, context: Context) -> str | None:
    """Return the mail addresses of the person."""
    return "".join(href_element(f"mailto:{address}") for address in principal(resource).mail_addresses)


@live(dav("group-member-set"), "RFC 3744 4.3", kinds=PRINCIPALS)
def group_member_set(resource: Resource, context: Context) -> str | None:
    """Return the members of the household; not defined for a person."""
    who = principal(resource)
    return _hrefs(who.group_members) if who.is_group else None


@live(dav("group-membership"), "RFC 3744 4.4", kinds=PRINCIPALS)
def group_membership(resource: Resource, context: Context) -> str | None:
    """Return the groups it belongs to."""
    return _hrefs(principal(resource).memberships)


@live(calendarserver("email-address-set"), "calendarserver: user-address-set", kinds=PRINCIPALS)
def email_address_set(resource: Resource, context: Context) -> str | None:
    """Return the mail addresses, bare, as macOS asks for them."""
    addresses = principal(resource).mail_addresses
    return "".join(f"<CS:email-address>{escape(address)}</CS:email-address>" for address in addresses)


@live(dav("resource-id"), "RFC 5842 3.1")
def resource_id(resource: Resource, context: Context) -> str | None:
    """Return a URI that names the resource for ever, wherever it is moved."""
    if resource.kind is Kind.PRINCIPAL:
        return href_element(f"urn:uuid:{principal(resource).uuid}")
    return None if resource.resource_id is None else href_element(f"urn:gotgan:resource:{resource.resource_id}")


def _hrefs(addresses: Iterable[Address]) -> str:
    return "".join(href_element(spell(address, collection=True)) for address in addresses)
