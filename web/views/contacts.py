"""Contacts: the address books, one of them as a list with what was deleted in its place, one card; and their octets."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from appliance import errors
from appliance.history.exporting import Exported, Exporter
from appliance.objects.faces import name_in, picture_in
from appliance.store import queries
from appliance.tree.address_book import SENT_AS, AddressBook
from web import address_books, cards
from web.rooms import rooms
from web.routes import Route
from web.sending import WITHOUT_RIGHTS, sent_file
from web.visitor import visitor


def books() -> ResponseReturnValue:
    """Show all address books, or what is found in them."""
    sought = request.args.get("q", "")
    living = address_books.living()
    found = address_books.page_of(living, sought, request.args.get("first", 0, type=int)) if sought.strip() else None
    shown = [address_books.told(book) for book in living]
    return render_template(
        "contacts.html", books=shown, deleted=address_books.deleted(), sought=sought, found=found
    )  # fmt: skip


def book(person: str, book: str) -> ResponseReturnValue:
    """Show a book as a list."""
    there = address_books.book_at(person, book)
    sought = request.args.get("q", "")
    page = address_books.page_of([there], sought, request.args.get("first", 0, type=int))
    return render_template("address_book.html", book=address_books.told(there), found=page, sought=sought)


def card(person: str, book: str, name: str) -> ResponseReturnValue:
    """Show one contact; one that was deleted is a matter of its history."""
    address = f"{address_books.NODE}/{person}/{book}/{name}"
    there = address_books.book_at(person, book)
    try:
        member = there.find(name)
    except errors.NotFound:
        return redirect(url_for("object_history.show", address=address))
    return render_template("card.html", card=cards.told(there, member), book=address_books.told(there))


def photo(address: str) -> ResponseReturnValue:
    """Send the photo of a card, or the one that it had at a state."""
    moment = request.args.get("at")
    found = cards.member_at(address, moment)
    picture = picture_in(cards.octets(found))
    if picture is None:
        raise errors.NotFound("There is nothing at this address.")
    response = Response(picture.octets, content_type=picture.media_type)
    response.headers["Content-Security-Policy"] = WITHOUT_RIGHTS
    if moment is not None:
        response.headers["Cache-Control"] = "private, max-age=86400, immutable"
        return response
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["ETag"] = found.etag or ""
    return response.make_conditional(request)


def download(address: str) -> ResponseReturnValue:
    """Send one card, or all cards of a book one after the other, as they were sent."""
    parts = tuple(address.split("/"))
    if parts[0] != address_books.NODE:
        raise errors.NotFound("There is nothing at this address.")
    if len(parts) == 3:
        there = address_books.book_at(*parts[1:])
        return sent_file(_all_cards(there), f"{address_books.name_of(there)}.vcf", SENT_AS)
    found = cards.member_at(address, None)
    octets = cards.octets(found)
    title = name_in(octets) or gettext("Contact")
    return sent_file(iter((octets,)), f"{title}.vcf", SENT_AS)


def _all_cards(there: AddressBook) -> Iterator[bytes]:
    services = rooms().services
    seq = queries.newest_seq(visitor().reading)
    exporter = Exporter(services.ledger.database, rooms().hall.bodies, seq, Exported())
    return exporter.cards(there.collection_id, "/".join(there.address))


ROUTES = (
    Route("/contacts", books),
    Route("/contacts/<person>/<book>", book),
    Route("/contacts/<person>/<book>/<path:name>", card),
    Route("/contact-photo/<path:address>", photo),
    Route("/contact-file/<path:address>", download),
)
