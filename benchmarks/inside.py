"""What a page is made of: its SQL statements, and the bytes that a first view transfers."""

import gzip
import re
from urllib.parse import urljoin, urlsplit

from django.test import Client

from tests.statements import recorded

from .load import send

_LINKED = re.compile(r'<(?:link[^>]+rel="(?:stylesheet|icon)"[^>]+href|script[^>]+src|img[^>]+src)="([^"]+)"')


def statements(request: bytes) -> int:
    """How many statements the database gets for this request, sent to the application in this process."""
    head, _, body = request.decode().partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    method, path, _ = first.split(" ")
    headers = dict(line.split(": ", 1) for line in lines)
    address = urlsplit(path)
    more = {"HTTP_COOKIE": headers.get("Cookie", ""), "HTTP_HOST": headers["Host"], "QUERY_STRING": address.query}
    if "HX-Request" in headers:
        more["HTTP_HX_REQUEST"] = "true"
    with recorded() as sent:
        Client().generic(method, address.path, body, headers.get("Content-Type", "text/plain"), **more)
    return len(sent)


def transferred(port: int, request: bytes) -> dict[str, int]:
    """Bytes on the wire, without headers, of a page and of all it links to, by address; the page itself is ""."""
    answer = send(port, request)
    sizes = {"": _length(answer)}
    path = request.split(b" ", 2)[1].decode()
    for linked in dict.fromkeys(_LINKED.findall(_text(answer))):
        address = urljoin(path, linked)
        head = f"GET {address} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n"
        sizes[address] = _length(send(port, head.encode()))
    return sizes


def if_packed(port: int, request: bytes) -> int:
    """Bytes of the page alone if a proxy packed it."""
    return len(gzip.compress(_text(send(port, request)).encode()))


def _length(answer: bytes) -> int:
    return len(answer.partition(b"\r\n\r\n")[2])


def _text(answer: bytes) -> str:
    head, _, body = answer.partition(b"\r\n\r\n")
    return (gzip.decompress(body) if b"content-encoding: gzip" in head.lower() else body).decode(errors="replace")
