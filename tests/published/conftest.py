"""A server of good and bad files, and a machine without mirror, cache or network."""

import hashlib
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from nextflop.published import File

GOOD = b"N,D,loss\n" + b"1e8,1e9,3.5\n" * 2000


class Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/absent":
            self.send_error(404)
            return
        self.send_response(200)
        if self.path in ("/good", "/truncated"):
            self.send_header("Content-Length", str(len(GOOD)))
        self.end_headers()
        try:
            if self.path == "/good":
                self.wfile.write(GOOD)
            elif self.path == "/truncated":
                self.wfile.write(GOOD[:-7])
            elif self.path == "/wrong":
                self.wfile.write(GOOD.replace(b"3.5", b"3.6"))
            elif self.path == "/endless":
                while True:
                    self.wfile.write(GOOD)
            elif self.path == "/dripping":
                while not self.server.closing.wait(0.02):
                    self.wfile.write(b"x")
            elif self.path == "/silent":
                self.server.closing.wait(20)
        except OSError:  # the client has hung up
            pass

    def log_message(self, *args: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    closing = threading.Event()


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    with Server(("127.0.0.1", 0), Answers) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.closing.set()
        running.shutdown()
        thread.join()


@pytest.fixture
def served(server: str):
    """The register's entry of the good file, said to be published at a path of the server."""

    def entry(path: str) -> File:
        digest = hashlib.sha256(GOOD).hexdigest()
        return File(name="runs.csv", bytes=len(GOOD), sha256=digest, rows=2000, url=f"{server}/{path}")

    return entry


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache, no mirror, and sockets that refuse to open; gives the folder of the cache."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.delenv("NEXTFLOP_MIRROR", raising=False)
    monkeypatch.setenv("NEXTFLOP_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    return tmp_path / "cache"


@pytest.fixture
def mirrored(public_data: Path, bare: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The public data sets as a mirror, without network."""
    monkeypatch.setenv("NEXTFLOP_MIRROR", str(public_data))
    return public_data
