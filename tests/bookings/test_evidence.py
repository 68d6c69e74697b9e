"""What a file is, told from its content and not from its name; names that try to be paths (PG-49)."""

import pytest

from bookings import evidence
from bookings.evidence import FileKind


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.4 and so on", FileKind.PDF),
        (b"\x89PNG\r\n\x1a\n\x00\x00", FileKind.PNG),
        (b"\xff\xd8\xff\xe1\x00", FileKind.JPG),
        (b"\x00\x00\x00\x18ftypheic\x00", FileKind.HEIC),
        (b"\x00\x00\x00\x18ftypmif1\x00", FileKind.HEIC),
        ("Zkouška: 8 °C".encode(), FileKind.TXT),
        (b"\xef\xbb\xbfwith a mark", FileKind.TXT),
        (b"<script>alert(1)</script>", FileKind.TXT),
        (b"", None),
        (b"\x00\x00\x00\x18ftypisom\x00", None),
        (b"MZ\x90\x00", None),
        (b"PK\x03\x04", None),
        (b"GIF89a\x00", None),
        (b"text with a \x00 in it", None),
        (b"\xff\xfet\x00e\x00", None),
        (b" %PDF-1.4\x00", None),
    ],
)
def test_the_kind_is_what_the_content_says(content, kind):
    assert evidence.kind_by_content(content) == kind


@pytest.mark.parametrize(
    ("name", "shown", "kind"),
    [
        ("note.pdf", "note.pdf", FileKind.PDF),
        ("PHOTO.JPEG", "PHOTO.JPEG", FileKind.JPG),
        ("../../etc/passwd", "passwd", None),
        ("..\\..\\windows\\win.txt", "win.txt", FileKind.TXT),
        ("/abs/olute.png", "olute.png", FileKind.PNG),
        ("note.pdf.exe", "note.pdf.exe", None),
        ("note.exe\x00.pdf", "note.exe.pdf", FileKind.PDF),
        ("a\r\nSet-Cookie: x.txt", "aSet-Cookie: x.txt", FileKind.TXT),
        ("exe.\u202efdp", "exe.fdp", None),
        ("..", "file", None),
        ("", "file", None),
        (".pdf", "pdf", None),
        ("a" * 300 + ".heic", "a" * 95 + ".heic", FileKind.HEIC),
        ("a." + "b" * 300, "a." + "b" * 98, None),
    ],
)
def test_a_name_is_shown_without_what_misleads(name, shown, kind):
    assert evidence.shown_name(name) == shown
    assert evidence.kind_by_name(name) == kind
    assert len(shown) <= evidence.LONGEST_NAME


def test_where_a_file_is_kept_says_nothing_of_its_name():
    class Row:
        tenant_id = 7

    first, second = (evidence.place_of(Row(), "../../evil.pdf") for _ in range(2))

    assert first.startswith("evidence/7/")
    assert "evil" not in first
    assert first != second
