"""What a client types, or gets by one link: user name, password, addresses."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit, urlunsplit


@dataclass(frozen=True, slots=True)
class Connection:
    """The settings of one device. `address` is the box's, with its slash: `https://gotgan.example/`."""

    address: str
    user: str
    password: str = field(repr=False)

    @property
    def dav_url(self) -> str:
        """The address that most programs find everything from."""
        return f"{self.address}dav/"

    @property
    def files_url(self) -> str:
        """The folder."""
        return f"{self.dav_url}files/{self.user}/"

    @property
    def calendar_home(self) -> str:
        """For programs that find nothing by themselves."""
        return f"{self.dav_url}calendars/{self.user}/"

    @property
    def addressbook_home(self) -> str:
        """For programs that find nothing by themselves."""
        return f"{self.dav_url}addressbooks/{self.user}/"

    @property
    def is_secure(self) -> bool:
        """Whether the address is https."""
        return urlsplit(self.address).scheme == "https"

    @property
    def port(self) -> int | None:
        """The port that the address names; None: the scheme's own."""
        return urlsplit(self.address).port


def davx5_link(connection: Connection) -> str:
    """Return the link that opens DAVx5's login with all fields filled in (its LoginActivity, 4.x).

    `davx5` stands for https, `caldav` for http. DAVx5 drops the port from such a link: `Connection.port` says whether
    there is one to type.
    """
    parts = urlsplit(connection.dav_url)
    scheme = "davx5" if connection.is_secure else "caldav"
    user, password = quote(connection.user, safe=""), quote(connection.password, safe="")
    return urlunsplit((scheme, f"{user}:{password}@{parts.netloc}", quote(parts.path), "", ""))
