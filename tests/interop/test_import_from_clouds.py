"""`gotgan import https://…`: a folder of ours, of nginx and of rclone, over WebDAV; and servers that mean no good."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from webdav4.client import Client

from appliance import errors
from appliance.remote.webdav import RemoteTree, checked_address
from appliance.store.sources import Found
from tests.programs import require_program, run
from tests.serving import Device, free_port, started

TAKEN_AT = 1_446_912_000
NAMES = [
    "가족 사진.jpg",
    "50% off #1 & more?.txt",
    "100%25.txt",
    "plus+plus;semi.txt",
    "Grüße 'q' \"d\".txt",
    "[a] {b}~^.txt",
]
NGINX = """
load_module /usr/lib/nginx/modules/ngx_http_dav_ext_module.so;
daemon off; pid {folder}/nginx.pid; error_log stderr;
events {{ }}
http {{
    access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        location / {{ root {tree}; dav_ext_methods PROPFIND OPTIONS; }}
    }}
}}
"""


@dataclass(frozen=True)
class Home:
    """A household into which things are imported, in a folder of its own."""

    data: Path

    def __call__(self, *words: str, stdin: str = "", code: int = 0) -> str:
        call = [require_program("gotgan"), *words, "--data", str(self.data)]
        done = run(call, stdin=stdin, succeed=False, env={"LANG": "C.UTF-8"})
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout if code == 0 else done.stderr

    def bring(self, url: str, *words: str, stdin: str = "") -> dict[str, Any]:
        said: dict[str, Any] = json.loads(self("import", url, "--into", "files/anna/in", "--json", *words, stdin=stdin))
        return said

    @property
    def files(self) -> dict[str, bytes]:
        root = self.data / "files" / "anna" / "in"
        return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    made("person", "add", "anna")
    return made


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small tree of ordinary and odd files, one of them with the date of an old photo."""
    root = tmp_path / "tree"
    for number, name in enumerate(NAMES):
        path = root / f"folder {number % 2} #%" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode() * (number + 1))
    (root / "photo.jpg").write_bytes(os.urandom(3_000_000))
    os.utime(root / "photo.jpg", (TAKEN_AT, TAKEN_AT))
    return root


def contents(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def take_twice(home: Home, tree: Path, url: str, *words: str, stdin: str = "") -> None:
    """Import a tree and look at it; again, and nothing is new; changed, and only that; then take the change back."""
    first = home.bring(url, *words, stdin=stdin)
    assert first["counts"]["new"] == len(contents(tree))
    assert home.files == contents(tree)
    assert int((home.data / "files/anna/in/photo.jpg").stat().st_mtime) == TAKEN_AT
    again = home.bring(url, *words, stdin=stdin)
    assert (again["counts"]["same"], again["batch"]) == (len(contents(tree)), None)


# --- servers ----------------------------------------------------------------------------------------


def test_a_folder_of_our_own_server(home: Home, tree: Path, device: Device) -> None:
    client = Client(device.files_url, auth=(device.user, device.password))
    for path in sorted(tree.rglob("*")):
        where = quote(str(path.relative_to(tree)))
        if path.is_dir():
            assert client.http.request("MKCOL", device.files_url + where + "/").status_code == 201
        else:
            headers = {"X-OC-Mtime": str(int(path.stat().st_mtime))}
            assert (
                client.http.put(device.files_url + where, content=path.read_bytes(), headers=headers).status_code < 300
            )
    client.http.close()
    take_twice(home, tree, device.files_url, "--user", device.user, "--password-stdin", stdin=device.password + "\n")
    refused = home(
        "import", device.files_url, "--into", "files/anna/x", "--user", "a", "--password-stdin", stdin="b", code=1
    )
    assert refused == "127.0.0.1 does not accept this user name and password.\n"


def test_a_folder_of_nginx(home: Home, tree: Path, tmp_path: Path) -> None:
    nginx = require_program("nginx")
    if not Path("/usr/lib/nginx/modules/ngx_http_dav_ext_module.so").exists():
        pytest.skip("nginx is not installed")
    port, folder = free_port(), tmp_path / "nginx"
    folder.mkdir()
    for path in (tmp_path.parent, tmp_path, tree):
        path.chmod(0o755)
    (folder / "nginx.conf").write_text(
        "user root;\n" * (os.geteuid() == 0) + NGINX.format(folder=folder, port=port, tree=tree)
    )
    call = [nginx, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", "stderr"]
    with started(call, port=port, log=tmp_path / "nginx.log"):
        take_twice(home, tree, f"http://127.0.0.1:{port}/")


def test_a_folder_of_rclone(home: Home, tree: Path, tmp_path: Path) -> None:
    port = free_port()
    call = [
        require_program("rclone"),
        "serve",
        "webdav",
        str(tree),
        "--addr",
        f"127.0.0.1:{port}",
        "--user",
        "u",
        "--dir-cache-time",
        "0s",
        "--pass",
        "p w",
    ]
    with started(call, port=port, log=tmp_path / "rclone.log"):
        url = f"http://127.0.0.1:{port}/"
        take_twice(home, tree, url, "--user", "u", "--password-stdin", stdin="p w\n")
        (tree / "photo.jpg").write_bytes(b"edited")
        shutil.rmtree(tree / "folder 0 #%")
        changed = home.bring(url, "--user", "u", "--password-stdin", stdin="p w\n")
        assert changed["counts"]["changed"] == 1
        assert home.files["photo.jpg"] == b"edited"
        home("undo", str(changed["batch"]))
        assert len(home.files["photo.jpg"]) == 3_000_000


# --- servers that mean no good ----------------------------------------------------------------------

Answer = Callable[[BaseHTTPRequestHandler], None]


@contextlib.contextmanager
def answering(answer: Answer) -> Iterator[str]:
    """Give the address of a server that answers everything in one way."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_PROPFIND(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", "0")))
            answer(self)

        def do_GET(self) -> None:
            answer(self)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/dav/"
        finally:
            server.shutdown()


def say(handler: BaseHTTPRequestHandler, status: int, body: bytes = b"", **headers: str) -> None:
    handler.send_response(status)
    for name, value in ({"Content-Length": str(len(body))} | headers).items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


def listing(*entries: str) -> bytes:
    return f'<?xml version="1.0"?><multistatus xmlns="DAV:">{"".join(entries)}</multistatus>'.encode()


def entry(href: str, *, size: int | None = None) -> str:
    kind = "<resourcetype><collection/></resourcetype>" if size is None else "<resourcetype/>"
    length = "" if size is None else f"<getcontentlength>{size}</getcontentlength>"
    return (
        f"<response><href>{href}</href><propstat><prop>{kind}{length}</prop>"
        "<status>HTTP/1.1 200 OK</status></propstat></response>"
    )


def members(url: str, user: str | None = None) -> list[Found]:
    with RemoteTree.opened(url, user, "secret") as tree:
        return list(tree.members(()))


def test_names_that_lead_elsewhere_are_no_members(tmp_path: Path) -> None:
    body = listing(
        entry("/dav/"), entry("/dav/good.txt", size=1), entry("/dav/../../etc/passwd", size=1),
        entry("/etc/passwd", size=1),
        entry("/dav/a%2Fb.txt", size=1), entry("/dav/%2e%2e", size=1), entry("/dav/deep/er.txt", size=1),
        entry("http://elsewhere.example/dav/other.txt", size=1), entry("/dav/%ff.txt", size=1),
    )  # fmt: skip
    with answering(lambda handler: say(handler, 207, body)) as url:
        found = members(url)
    assert [one.path for one in found if one.skipped is None] == [("good.txt",), ("other.txt",)]
    assert len([one for one in found if one.skipped is not None]) == 3


def test_a_password_is_shown_to_the_named_server_only() -> None:
    heard: list[str | None] = []

    def listen(handler: BaseHTTPRequestHandler) -> None:
        heard.append(handler.headers.get("Authorization"))
        say(handler, 207, listing(entry("/dav/")))

    with answering(listen) as elsewhere, answering(lambda handler: say(handler, 302, Location=elsewhere)) as url:
        with pytest.raises(errors.NotPossible, match="sends to another server") as refused:
            members(url, "anna")
        assert "secret" not in str(refused.value)
        assert heard == []
        assert members(elsewhere, "anna") == []
    assert heard == [f"Basic {base64.b64encode(b'anna:secret').decode()}"] * 2


def test_a_redirect_without_end_is_ended() -> None:
    circling = answering(lambda handler: say(handler, 301, Location=handler.path + "x/"))
    with circling as url, pytest.raises(errors.NotPossible, match="without end"):
        members(url)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        pytest.param(lambda handler: say(handler, 503), errors.Busy, id="busy"),
        pytest.param(lambda handler: say(handler, 404), errors.NotPossible, id="nothing-there"),
        pytest.param(lambda handler: say(handler, 200, b"<html>"), errors.NotPossible, id="a-web-page"),
        pytest.param(lambda handler: say(handler, 207, b"<not"), errors.NotPossible, id="no-xml"),
        pytest.param(
            lambda handler: say(handler, 207, listing(entry("/dav/", size=3))), errors.NotPossible, id="a-file"
        ),
        pytest.param(lambda handler: handler.connection.shutdown(socket.SHUT_RDWR), errors.Busy, id="hangs-up"),
    ],
)
def test_what_cannot_be_listed_is_said(answer: Answer, kind: type[errors.GotganError]) -> None:
    with answering(answer) as url, pytest.raises(kind):
        members(url)


def test_a_download_that_breaks_off_leaves_nothing_and_is_told(home: Home) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        if handler.command == "PROPFIND":
            say(handler, 207, listing(entry("/dav/"), entry("/dav/whole.txt", size=5), entry("/dav/z.txt", size=500)))
        elif handler.path.endswith("whole.txt"):
            say(handler, 200, b"whole")
        else:
            say(handler, 200, b"short", Content_Length="500")
            handler.close_connection = True

    with answering(answer) as url:
        said = home("import", url, "--into", "files/anna/in", code=1)
    assert f"{url.split('/')[2]}/" in said, "host and port"
    assert "does not answer" in said
    assert "1 was imported; the same import goes on there." in said
    assert home.files == {"whole.txt": b"whole"}


def test_a_file_shorter_than_it_was_listed_is_not_taken(home: Home) -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        if handler.command == "PROPFIND":
            say(handler, 207, listing(entry("/dav/"), entry("/dav/a.txt", size=500)))
        else:
            say(handler, 200, b"short")

    with answering(answer) as url:
        said = home("import", url, "--into", "files/anna/in", code=1)
    assert "1 could not be imported" in said
    assert home.files == {}


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        pytest.param("http://8.8.8.8/dav/", errors.NotPossible, id="plain-http-to-the-world"),
        pytest.param("https://anna:secret@cloud.example/", errors.WrongCall, id="password-inside"),
        pytest.param("https:///dav", errors.WrongCall, id="no-host"),
        pytest.param("https://cloud.example:port/", errors.WrongCall, id="no-port"),
        pytest.param("https://cloud.example/?dir=1", errors.WrongCall, id="query"),
    ],
)
def test_an_address_that_should_not_be_is_refused(url: str, kind: type[errors.GotganError]) -> None:
    with pytest.raises(kind) as refused:
        checked_address(url, insecure=False)
    assert "secret" not in str(refused.value)


def test_an_address_gets_its_slash_and_plain_http_may_be_meant() -> None:
    assert checked_address("http://127.0.0.1:8080/dav", insecure=False) == "http://127.0.0.1:8080/dav/"
    assert checked_address("http://8.8.8.8/dav", insecure=True) == "http://8.8.8.8/dav/"
