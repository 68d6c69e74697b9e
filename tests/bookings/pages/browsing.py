"""A real browser on the real views, without a server: each of its requests is answered by Django's test client.

The browser lives in a thread of its own, because its event loop would give Django another database connection; the
test's thread answers what it asks for, inside the test's transaction.
"""

import mimetypes
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from queue import Empty, Queue
from typing import Any
from urllib.parse import urlsplit

from django.contrib.staticfiles import finders
from django.http import HttpResponse
from django.test import Client
from playwright.sync_api import Browser, Page, Request, Route, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
ORIGIN = "http://localhost"
FORWARDED = ("accept", "content-type", "hx-request", "hx-target", "hx-current-url", "hx-trigger")


class Driver:
    """One browser for many tests; `open` runs a script on a page of it."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._asked: Queue[tuple[Client, Request, Future]] = Queue()
        self._thread.submit(self._launch).result()

    def _launch(self) -> None:
        self._playwright = sync_playwright().start()
        self._browser: Browser = self._playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])

    def close(self) -> None:
        self._thread.submit(self._browser.close).result()
        self._thread.submit(self._playwright.stop).result()
        self._thread.shutdown()

    def open(self, client: Client, path: str, script: Callable[[Page], Any], **options: Any) -> Any:
        """What `script` returns for the page at `path`; `page.complaints` holds what its console complains about."""
        client.handler.enforce_csrf_checks = True
        result = self._thread.submit(self._run, client, path, script, options)
        while not result.done():
            try:
                asker, request, answer = self._asked.get(timeout=0.02)
            except Empty:
                continue
            answer.set_result(_ask(asker, request))
        return result.result()

    def _run(self, client: Client, path: str, script: Callable[[Page], Any], options: dict[str, Any]) -> Any:
        theme, width = options.pop("theme", "light"), options.pop("width", 1280)
        context = self._browser.new_context(
            viewport={"width": width, "height": 800}, color_scheme=theme, base_url=ORIGIN, **options
        )
        try:
            page = context.new_page()
            page.complaints = []
            page.on("console", lambda message: message.type == "error" and page.complaints.append(message.text))
            page.route("**/*", lambda route: self._answer(route, client))
            page.goto(path, wait_until="load")
            return script(page)
        finally:
            context.close()

    def _answer(self, route: Route, client: Client) -> None:
        path = urlsplit(route.request.url).path
        if path.startswith("/static/"):
            found = finders.find(path.removeprefix("/static/"))
            route.fulfill(path=found, content_type=mimetypes.guess_type(path)[0] or "text/plain")
            return
        answer: Future = Future()
        self._asked.put((client, route.request, answer))
        response = answer.result()
        headers = {name: value for name, value in response.headers.items() if name != "Set-Cookie"}
        route.fulfill(status=response.status_code, headers=headers, body=response.getvalue())


def _ask(client: Client, request: Request) -> HttpResponse:
    address = urlsplit(request.url)
    headers = {name: value for name, value in request.headers.items() if name in FORWARDED}
    return client.generic(
        request.method,
        address.path + (f"?{address.query}" if address.query else ""),
        request.post_data_buffer or b"",
        content_type=headers.pop("content-type", "application/octet-stream"),
        headers={**headers, "origin": ORIGIN},
    )
