"""Stripe on loopback: answers the calls we make in Stripe's shapes, and keeps a book of what it was asked (reliability.md 3.0)."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Asked:
    """One request as it came over the wire."""

    method: str
    path: str
    key: str
    authorization: str
    form: dict[str, str]


@dataclass
class StandIn:
    """What was asked, what was made, and how to answer next: `mode` is ok, error, refused, unauthorized, lost or pending."""

    url: str
    mode: str = "ok"
    asked: list[Asked] = field(default_factory=list)
    refunds: list[dict] = field(default_factory=list)
    by_key: dict[str, dict] = field(default_factory=dict)

    def answer(self, asked: Asked) -> tuple[int, dict]:
        """Status and body. As at Stripe, a key makes one thing however often it comes."""
        self.asked.append(asked)
        if self.mode == "error":
            return 500, {"error": {"type": "api_error", "message": "Something is wrong on Stripe's end."}}
        if self.mode == "unauthorized":
            return 401, {"error": {"type": "invalid_request_error", "message": "Invalid API Key provided."}}
        if self.mode == "refused":
            said = {"type": "invalid_request_error", "code": "charge_already_refunded", "message": "Already refunded."}
            return 400, {"error": said}
        if asked.method == "GET":
            return 200, {"object": "list", "url": "/v1/refunds", "has_more": False, "data": self.refunds}
        if asked.key not in self.by_key:
            made = self._session(asked) if asked.path == "/v1/checkout/sessions" else self._refund(asked)
            self.by_key[asked.key] = made
        return 200, self.by_key[asked.key]

    def _session(self, asked: Asked) -> dict:
        name = f"cs_test_{len(self.by_key) + 1}"
        return {"id": name, "object": "checkout.session", "url": f"https://checkout.stripe.com/c/pay/{name}"}

    def _refund(self, asked: Asked) -> dict:
        made = {
            "id": f"re_{len(self.refunds) + 1}",
            "object": "refund",
            "status": "pending" if self.mode == "pending" else "succeeded",
            "amount": int(asked.form["amount"]),
            "payment_intent": asked.form["payment_intent"],
            "metadata": {"refund": asked.form["metadata[refund]"], "tenant": asked.form["metadata[tenant]"]},
        }
        self.refunds.append(made)
        return made


@contextmanager
def stripe_stand_in() -> Iterator[StandIn]:
    """Serve it on a free port until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            said = self.rfile.read(length).decode() if length else parts.query
            asked = Asked(
                self.command,
                parts.path,
                self.headers.get("Idempotency-Key", ""),
                self.headers.get("Authorization", ""),
                {name: values[0] for name, values in parse_qs(said).items()},
            )
            status, told = stand_in.answer(asked)
            if stand_in.mode == "lost":  # done, and nobody hears of it
                self.close_connection = True
                return
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Stripe-Should-Retry", "false")
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = _serve  # noqa: N815

        def log_message(self, *args: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    stand_in = StandIn(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield stand_in
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
