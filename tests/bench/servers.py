"""The servers compared: how each is started, where its collections are, and how it is filled quickly.

Each has a password on where it knows passwords (Xandikos does not, over plain HTTP), in the cheapest form it takes;
all else is as it comes. A server that cannot run here says why in one sentence.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from tests.bench.processes import ProcessTree
from tests.bench.wire import Address, BrokenAnswer, Request, ask

Kind = Literal["cards", "events", "files"]
Members = Sequence[tuple[str, bytes]]
"""names and octets"""
READY_WITHIN_S = 120.0
ENDED_WITHIN_S = 30.0
PROPFIND_TYPE = b'<?xml version="1.0"?><propfind xmlns="DAV:"><prop><resourcetype/></prop></propfind>'
USER, PASSWORD = "bench", "bench-password"


class Server:
    """One server with its folder, its port and, between `start` and `stop`, its processes."""

    name = ""
    kinds: tuple[Kind, ...] = ()
    login = (USER, PASSWORD)

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.address = Address("127.0.0.1", _free_port(), *self.login)
        self._process: subprocess.Popen[bytes] | None = None

    def missing(self) -> str:
        """Return why it can't run here, nothing when it can."""
        raise NotImplementedError

    def command(self) -> list[str]:
        """Return the command that serves until it is ended."""
        raise NotImplementedError

    def prepare(self) -> None:
        """Write what the server needs before its first start."""

    def home(self, kind: Kind) -> str:
        """Return the collection below which this kind's collections are made, with a slash at the end."""
        raise NotImplementedError

    def fill(self, href: str, members: Members) -> bool:
        """Put the members into the new collection in the server's own way; False: it has none, use PUT."""
        del href, members
        return False

    @property
    def tree(self) -> ProcessTree:
        """The running processes."""
        if self._process is None:
            raise RuntimeError(f"{self.name} is not running")
        return ProcessTree(self._process.pid)

    def start(self) -> float:
        """Start, and return the seconds until the home answered 207."""
        started = time.perf_counter()
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        return self.wait_for_207(self.home(self.kinds[0]), started)

    def wait_for_207(self, target: str, started: float, body: bytes = PROPFIND_TYPE) -> float:
        """Return the seconds from `started` until a PROPFIND of `target` with that body was answered 207."""
        request = Request("PROPFIND", target, body, "Depth: 0\r\nContent-Type: text/xml\r\n")
        while time.perf_counter() < started + READY_WITHIN_S:
            if self._process is None or self._process.poll() is not None:
                raise RuntimeError(f"{self.name} ended at start; its last words:\n{self._last_words()}")
            try:
                if ask(self.address, request).status == 207:
                    return time.perf_counter() - started
            except (OSError, BrokenAnswer):
                pass
            time.sleep(0.003)
        raise RuntimeError(f"{self.name} did not answer; its last words:\n{self._last_words()}")

    def revived(self) -> str:
        """Start it again if it ended by itself, and say how it ended; nothing when it runs."""
        code = self._process.poll() if self._process is not None else None
        if code is None:
            return ""
        words = f"; it had ended with code {code} and was started again; its last words: {self._last_words()}"
        self.start()
        return words

    def stop(self) -> None:
        """End it, gently first."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(ENDED_WITHIN_S)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._process = None

    def _last_words(self) -> str:
        return (self.folder / "log").read_text("utf-8", errors="replace")[-800:]


class Ours(Server):
    """This checkout, by its own command line, as the household would run it."""

    name = "ours"
    kinds = ("cards", "events", "files")
    login = ("", "")

    def missing(self) -> str:
        """Say whether the command line and `serve` are there."""
        if importlib.util.find_spec("appliance.cli") is None:
            return "this checkout has no command line yet"
        known = subprocess.run([*GOTGAN, "serve", "--help"], capture_output=True, text=True, check=False)
        return "" if known.returncode == 0 else f"`gotgan serve` is not there: {known.stderr.strip()[-200:]}"

    def prepare(self) -> None:
        """Add a person, who can sign in to the pages, and a device; the device's password is the login."""
        data = str(self.folder / "data")
        joining = [*GOTGAN, "person", "add", USER, "--password-stdin", "--data", data]
        subprocess.run(joining, input=PASSWORD.encode(), check=True, capture_output=True)
        asked = [*GOTGAN, "device", "add", USER, "benchmark", "--json", "--data", data]
        answered = json.loads(subprocess.run(asked, check=True, capture_output=True).stdout)
        self.address = Address("127.0.0.1", self.address.port, answered["user"], answered["password"])
        self.device_id = int(answered["device_id"])
        self.homes: dict[Kind, str] = {
            "cards": urlsplit(answered["addressbook_home"]).path,
            "events": urlsplit(answered["calendar_home"]).path,
            "files": urlsplit(answered["files_url"]).path,
        }

    def command(self) -> list[str]:
        """Return `gotgan serve`."""
        listen = f"{self.address.host}:{self.address.port}"
        return [*GOTGAN, "serve", "--data", str(self.folder / "data"), "--listen", listen]

    def home(self, kind: Kind) -> str:
        """Return the home that `device add` named."""
        return f"{self.homes[kind].rstrip('/')}/"


class Radicale(Server):
    """Radicale with an htpasswd file in plain text."""

    name = "radicale"
    kinds = ("cards", "events")

    def missing(self) -> str:
        """Say whether the package is there."""
        return "" if importlib.util.find_spec("radicale") else "Radicale is not installed (pip install radicale)"

    def prepare(self) -> None:
        """Write users and configuration."""
        (self.folder / "users").write_text(f"{USER}:{PASSWORD}\n")
        (self.folder / "config").write_text(
            f"[server]\nhosts = {self.address.host}:{self.address.port}\n"
            f"[auth]\ntype = htpasswd\nhtpasswd_filename = {self.folder}/users\nhtpasswd_encryption = plain\n"
            f"[storage]\nfilesystem_folder = {self.folder}/collections\n[logging]\nlevel = warning\n"
        )

    def command(self) -> list[str]:
        """Return Radicale's own server."""
        return [sys.executable, "-m", "radicale", "--config", str(self.folder / "config")]

    def home(self, kind: Kind) -> str:
        """Return the user's collection, which holds both kinds."""
        del kind
        return f"/{USER}/"

    def fill(self, href: str, members: Members) -> bool:
        """Write the members' files; the first listing after it parses and caches them all."""
        folder = self.folder / "collections" / "collection-root" / href.strip("/")
        for name, body in members:
            (folder / name).write_bytes(body)
        return True


class Xandikos(Server):
    """Xandikos; no password, since it knows none over plain HTTP."""

    name = "xandikos"
    kinds = ("cards", "events")
    login = ("", "")

    def missing(self) -> str:
        """Say whether the package is there."""
        return "" if importlib.util.find_spec("xandikos") else "Xandikos is not installed (pip install xandikos)"

    def prepare(self) -> None:
        """Make the folder it serves."""
        (self.folder / "collections").mkdir()

    def command(self) -> list[str]:
        """Return Xandikos's own server."""
        listen = ["--listen-address", self.address.host, "--port", str(self.address.port)]
        where = ["-d", str(self.folder / "collections"), "--defaults", "--current-user-principal", f"/{USER}/"]
        return [sys.executable, "-m", "xandikos", "serve", *listen, *where]

    def home(self, kind: Kind) -> str:
        """Return the home that `--defaults` makes."""
        return f"/{USER}/{'contacts' if kind == 'cards' else 'calendars'}/"

    def fill(self, href: str, members: Members) -> bool:
        """Commit the members' files to the collection's git repository at once."""
        if shutil.which("git") is None:
            return False
        folder = self.folder / "collections" / href.strip("/")
        for name, body in members:
            (folder / name).write_bytes(body)
        git = ["git", "-C", str(folder), "-c", "user.name=bench", "-c", "user.email=bench@example.com"]
        subprocess.run([*git, "-c", "core.autocrlf=false", "add", "-A"], check=True, capture_output=True)
        subprocess.run([*git, "commit", "-q", "-m", "fill"], check=True, capture_output=True)
        return True


class Nginx(Server):
    """nginx with Debian's dav-ext, one worker, as nobody would run it for a family: no versions, nothing synced."""

    name = "nginx"
    kinds = ("files",)
    modules = Path("/usr/lib/nginx/modules")

    def missing(self) -> str:
        """Say whether program and module are there."""
        if self._program() is None or not (self.modules / "ngx_http_dav_ext_module.so").exists():
            return "nginx or its dav-ext is not installed (apt install nginx libnginx-mod-http-dav-ext)"
        return ""

    def prepare(self) -> None:
        """Write the configuration; everything it writes stays in the folder."""
        for name in ("files", "temporary"):
            (self.folder / name).mkdir()
        (self.folder / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n")
        text = NGINX_CONF.replace("USERLINE", "user root;" if os.geteuid() == 0 else "")
        text = text.replace("MODULES", str(self.modules)).replace("FOLDER", str(self.folder))
        (self.folder / "nginx.conf").write_text(text.replace("PORT", str(self.address.port)))

    def command(self) -> list[str]:
        """Return nginx in the foreground."""
        return [str(self._program()), "-p", str(self.folder), "-c", str(self.folder / "nginx.conf"), "-e", "stderr"]

    def home(self, kind: Kind) -> str:
        """Return the root."""
        del kind
        return "/"

    def _program(self) -> str | None:
        return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


SERVERS: tuple[type[Server], ...] = (Ours, Radicale, Xandikos, Nginx)
GOTGAN = (sys.executable, "-m", "appliance.cli")
NGINX_CONF = """USERLINE
load_module MODULES/ngx_http_dav_ext_module.so;
daemon off;
worker_processes 1;
pid FOLDER/nginx.pid;
error_log stderr error;
events { worker_connections 512; }
http {
    access_log off;
    sendfile on;
    keepalive_requests 10000000;
    client_max_body_size 0;
    client_body_temp_path FOLDER/temporary;
    proxy_temp_path FOLDER/temporary/p;
    fastcgi_temp_path FOLDER/temporary/f;
    uwsgi_temp_path FOLDER/temporary/u;
    scgi_temp_path FOLDER/temporary/s;
    dav_ext_lock_zone zone=locks:1m;
    server {
        listen 127.0.0.1:PORT;
        root FOLDER/files;
        auth_basic bench;
        auth_basic_user_file FOLDER/users;
        dav_methods PUT DELETE MKCOL COPY MOVE;
        dav_ext_methods PROPFIND OPTIONS LOCK UNLOCK;
        dav_ext_lock zone=locks;
    }
}
"""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
