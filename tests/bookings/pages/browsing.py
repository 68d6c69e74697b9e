"""A real browser on the real views: each of its requests is answered by Django's test client.

The browser lives in a thread of its own, because its event loop would give Django another database connection; the
test's thread answers what it asks for, inside the test's transaction.
"""

import mimetypes
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import Any

from django.contrib.staticfiles import finders
from django.test import Client
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.chromium import chromium

CHROMIUM = chromium()
FORWARDED = ("accept", "content-type", "hx-request", "hx-target", "hx-current-url", "hx-trigger", "origin")


class Driver:
    """One browser for many tests; `open` runs a script on a page of it."""

    def __init__(self) -> None:
        self._asked: Queue[tuple[Callable[[], Any], Future]] = Queue()
        self._client: Client | None = None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._origin = f"http://localhost:{self._server.server_port}"
        Thread(target=self._server.serve_forever, daemon=True).start()
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._thread.submit(self._launch).result()

    def _launch(self) -> None:
        self._playwright = sync_playwright().start()
        self._browser: Browser = self._playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])

    def close(self) -> None:
        self._thread.submit(self._browser.close).result()
        self._thread.submit(self._playwright.stop).result()
        self._thread.shutdown()
        self._server.shutdown()
        self._server.server_close()

    def open(self, client: Client, path: str, script: Callable[[Page], Any], **options: Any) -> Any:
        """What `script` returns for the page at `path`; `page.complaints` holds what its console complains about."""
        client.handler.enforce_csrf_checks = True
        self._client = client
        result = self._thread.submit(self._run, path, script, options)
        while not result.done():
            try:
                work, answer = self._asked.get(timeout=0.02)
            except Empty:
                continue
            try:
                answer.set_result(work())
            except Exception as error:
                answer.set_exception(error)
        return result.result()

    def meanwhile(self, work: Callable[[], Any]) -> Any:
        """Let the test's thread do something to the database while a script runs."""
        answer: Future = Future()
        self._asked.put((work, answer))
        return answer.result()

    def _run(self, path: str, script: Callable[[Page], Any], options: dict[str, Any]) -> Any:
        context = self._browser.new_context(
            viewport={"width": 1280, "height": 800}, base_url=self._origin, reduced_motion="reduce", **options
        )
        context.set_default_timeout(10_000)
        try:
            page = context.new_page()
            page.complaints = []
            page.on("console", lambda message: message.type == "error" and page.complaints.append(message.text))
            page.goto(path, wait_until="load")
            return script(page)
        finally:
            context.close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        driver = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path.startswith("/static/"):
                    name = self.path.removeprefix("/static/")
                    kind = mimetypes.guess_type(name)[0] or "text/plain"
                    self._send(200, {"Content-Type": kind}, Path(finders.find(name)).read_bytes())
                    return
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                response = driver.meanwhile(lambda: driver._ask(self.command, self.path, dict(self.headers), body))
                self._send(response.status_code, response.headers, response.getvalue())

            do_POST = do_GET  # noqa: N815

            def _send(self, status: int, headers: Any, body: bytes) -> None:
                self.send_response(status)
                for name, value in headers.items():
                    if name not in ("Set-Cookie", "Content-Length"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                pass

        return Handler

    def _ask(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Any:
        kept = {name.lower(): value for name, value in headers.items() if name.lower() in FORWARDED}
        return self._client.generic(
            method,
            path,
            body,
            content_type=kept.pop("content-type", "application/octet-stream"),
            headers=kept,
            SERVER_NAME="localhost",
            SERVER_PORT=str(self._server.server_port),
        )
