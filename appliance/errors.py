"""Everything that can go wrong, in household words.

Raised anywhere, caught at a single boundary per door. HTTP and XML appear only in `dav/conditions.py`
and in the pages: every class here has one row there, and a test walks the classes. `str(error)` is one
sentence that says what is wrong and, where there is one, what to do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class Sentence(str):
    """A sentence that names something: English as it is, and a template with what it names, for other languages."""

    template: str
    names: Mapping[str, str | int]

    __slots__ = ("names", "template")


def said(template: str, **names: str | int) -> Sentence:
    """Return the sentence of a template, `There is nothing at %(address)s.`, with what it names."""
    sentence = Sentence(template % names)
    sentence.template, sentence.names = template, names
    return sentence


class GotganError(Exception):
    """The root of all errors that a person may read. Never raised itself."""


# --- who is asking ----------------------------------------------------------------------------------


class NotSignedIn(GotganError):
    """No valid device password came with the request, or the device was revoked."""


class TooManyAttempts(GotganError):
    """Too many wrong passwords from this address or for this account."""

    def __init__(self, sentence: str, *, retry_after_seconds: int) -> None:
        super().__init__(sentence)
        self.retry_after_seconds = retry_after_seconds


class NotPermitted(GotganError):
    """The resource is visible, but this privilege is missing (RFC 3744 7.1.1). `href` is in the reader's space."""

    def __init__(self, sentence: str, *, privilege: str, href: str) -> None:
        super().__init__(sentence)
        self.privilege = privilege
        self.href = href


class ForeignPage(GotganError):
    """A change that a page of another site sent, or one that had been open for too long. Nothing was done."""


# --- what is there ----------------------------------------------------------------------------------


class NotFound(GotganError):
    """Nothing there, or nothing that the reader may know of: both look the same (promise 9)."""


class NoParent(GotganError):
    """The collection that should hold the new resource is missing (RFC 4918 9.3.1, 9.7.1)."""


class AlreadyThere(GotganError):
    """MKCOL or MKCALENDAR on an address in use (RFC 4918 9.3.1, RFC 4791 5.3.1.1 resource-must-be-null)."""


class NameTaken(GotganError):
    """Another member has this name in another form (letter case on exFAT, say), or a mount has it (ledger 7)."""


class MethodRefused(GotganError):
    """This kind of resource does not know this method. `allowed` are those it knows."""

    def __init__(self, sentence: str, *, allowed: Sequence[str]) -> None:
        super().__init__(sentence)
        self.allowed = tuple(allowed)


class UnknownMethod(GotganError):
    """No resource anywhere knows this method."""


# --- conditions of a request ------------------------------------------------------------------------


class PreconditionFailed(GotganError):
    """If, If-Match, If-None-Match, If-Unmodified-Since or Overwrite: F does not hold (RFC 9110 13, RFC 4918 10.4)."""


class NotModified(GotganError):
    """The reader has this already (RFC 9110 13.1.2). `etag` is the current one."""

    def __init__(self, *, etag: str) -> None:
        super().__init__("Nothing changed since the last time.")
        self.etag = etag


class Locked(GotganError):
    """A lock forbids it and its token was not submitted (RFC 4918 11.3). `lock_roots` are hrefs."""

    def __init__(self, sentence: str, *, lock_roots: Sequence[str]) -> None:
        super().__init__(sentence)
        self.lock_roots = tuple(lock_roots)


class LockConflict(GotganError):
    """LOCK meets a lock that excludes it (RFC 4918 9.10.6 no-conflicting-lock). `lock_roots` are hrefs."""

    def __init__(self, sentence: str, *, lock_roots: Sequence[str]) -> None:
        super().__init__(sentence)
        self.lock_roots = tuple(lock_roots)


class LockTokenUnknown(GotganError):
    """UNLOCK or refresh names no lock of this resource (RFC 4918 9.11.1 lock-token-matches-request-uri)."""


# --- what was sent ----------------------------------------------------------------------------------


class BadRequest(GotganError):
    """A header, an address or a body that cannot be read as what it claims to be."""


class UnreadableXml(BadRequest):
    """The XML is not well-formed, has a DTD, or is nested too deeply."""


class BodyTooLarge(GotganError):
    """An XML body above its limit (the limits on everything a stranger can send)."""


class LengthRequired(GotganError):
    """Neither Content-Length nor a chunked body."""


class BrokenOff(BadRequest):
    """The upload ended before the announced length; nothing was stored."""


class UnsupportedMediaType(GotganError):
    """The Content-Type is none that this collection keeps. `condition` is the element's local name."""

    def __init__(self, sentence: str, *, condition: str) -> None:
        super().__init__(sentence)
        self.condition = condition  # supported-address-data | supported-calendar-data | (empty: none)


class NotACard(GotganError):
    """The body has no vCard envelope or no UID (RFC 6352 6.3.2.1 valid-address-data)."""


class NotACalendar(GotganError):
    """The body has no iCalendar envelope or no UID (RFC 4791 5.3.2.1 valid-calendar-data)."""


class ComponentNotKept(GotganError):
    """A component that this calendar's set does not name (RFC 4791 5.3.2.1 supported-calendar-component)."""


class UidTaken(GotganError):
    """Another member has this UID, or the member has another UID (no-uid-conflict). `href` is the other's."""

    def __init__(self, sentence: str, *, href: str) -> None:
        super().__init__(sentence)
        self.href = href


class ResourceTooLarge(GotganError):
    """A contact or event above max-resource-size (RFC 6352 6.2.3, RFC 4791 5.2.5)."""


class WrongPlace(GotganError):
    """A collection or member where it may not be. `condition` is the element's local name, or empty."""

    def __init__(self, sentence: str, *, condition: str = "") -> None:
        super().__init__(sentence)
        self.condition = condition  # addressbook-collection-location-ok | calendar-collection-location-ok | …


class OntoItself(GotganError):
    """COPY or MOVE onto the source itself or into it (RFC 4918 9.8.5, 9.9.4)."""


class ForeignDestination(GotganError):
    """Destination names another server (RFC 4918 9.8.5: 502)."""


class PropertyRefused(GotganError):
    """One property cannot be set. `name` is `{namespace}local`; `condition` an element's local name, or empty."""

    def __init__(self, sentence: str, *, name: str, condition: str = "") -> None:
        super().__init__(sentence)
        self.name = name
        self.condition = condition  # cannot-modify-protected-property | valid-resourcetype | valid-calendar-data …


# --- queries and sync -------------------------------------------------------------------------------


class UnreadableToken(GotganError):
    """A sync token that was never issued for this collection (RFC 6578 3.2 valid-sync-token)."""


class OnHold(GotganError):
    """The box may have been set back to an older state: answering would delete data on phones (promise 7)."""

    def __init__(self, sentence: str, *, retry_after_seconds: int = 900) -> None:
        super().__init__(sentence)
        self.retry_after_seconds = retry_after_seconds


class TraversalRefused(GotganError):
    """sync-level infinite where members do not support it (RFC 6578 3.3 sync-traversal-supported)."""


class UnreadableFilter(GotganError):
    """A filter that breaks its grammar or its rules (RFC 4791 7.8 valid-filter)."""


class UnsupportedFilter(GotganError):
    """A well-formed filter that asks for what we do not look at (supported-filter)."""


class UnsupportedCollation(GotganError):
    """A collation that is not i;ascii-casemap, i;octet or i;unicode-casemap (supported-collation)."""


class UnknownTimezone(GotganError):
    """A time zone named by a name that nobody knows (RFC 7809 3.1.5, 3.1.6 valid-timezone)."""


class UnsupportedConversion(GotganError):
    """A content type or version that a report asks for and we cannot give (supported-address-data, …)."""

    def __init__(self, sentence: str, *, condition: str) -> None:
        super().__init__(sentence)
        self.condition = condition


class TooManyMatches(GotganError):
    """The answer would be larger than the limit (number-of-matches-within-limits)."""


class DepthRefused(GotganError):
    """PROPFIND with Depth: infinity where only finite depths are answered (RFC 4918 9.1 propfind-finite-depth)."""


class UnsupportedReport(GotganError):
    """No such report on this resource (RFC 3253 3.6 supported-report)."""


class AclProtected(GotganError):
    """The ACL method: all entries are computed and protected (RFC 3744 8.1.1 no-protected-ace-conflict)."""


# --- the machine ------------------------------------------------------------------------------------


class OverQuota(GotganError):
    """The person's quota does not hold it (RFC 4331 6 quota-not-exceeded)."""


class DiskFull(GotganError):
    """The disk does not hold it (RFC 4331 6 sufficient-disk-space)."""


class DiskRefused(GotganError):
    """The account of the server may not do this on the disk, as with what an administrator has put there."""

    def __init__(self) -> None:
        super().__init__("The disk does not let the server do this; give it the file or folder (chown, chmod) first.")


class Busy(GotganError):
    """A passing trouble; the same request may succeed later."""

    def __init__(self, sentence: str, *, retry_after_seconds: int = 30) -> None:
        super().__init__(sentence)
        self.retry_after_seconds = retry_after_seconds


class ContentMissing(GotganError):
    """A body that the ledger names cannot be read from the store."""


class ContentThinned(GotganError):
    """A body that retention let go: the row stays, so that the timeline is truthful, its octets do not."""


class ChangedSince(GotganError):
    """A step of a plan whose resource is no longer what the plan saw: somebody wrote meanwhile, and that stays."""


# --- the one who sets it up -------------------------------------------------------------------------


class SettingsUnreadable(GotganError):
    """The settings file has an unknown key, a wrong type, or is no TOML."""


class WrongCall(GotganError):
    """A command was called in a way that cannot be meant (exit 2)."""


class NotPossible(GotganError):
    """A command that could not do what was asked (exit 1)."""


class DatabaseTooNew(NotPossible):
    """The data folder was written by a newer Gotgan."""
