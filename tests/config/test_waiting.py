"""While `make run` prepares, pages say so in place of an error (issue 1, "Two commands")."""

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from config.dev.waiting import WaitingMiddleware


@pytest.fixture
def mark(tmp_path, monkeypatch):
    mark = tmp_path / "preparing"
    mark.touch()
    monkeypatch.setenv("PARLEY_PREPARING", str(mark))
    return mark


def answer(middleware, path):
    return middleware(RequestFactory().get(path))


def page():
    return WaitingMiddleware(lambda request: HttpResponse("the page"))


@pytest.mark.parametrize("path", ["/", "/t/northwind/experts/"])
def test_every_page_says_that_tables_are_made_and_asks_again(mark, path):
    waiting = answer(page(), path)
    assert waiting.status_code == 503
    assert waiting.headers["Refresh"] == "2"
    assert "Parley is getting ready" in waiting.content.decode()


def test_the_style_of_that_page_is_served(mark):
    assert answer(page(), "/static/parley.css").content == b"the page"


def test_pages_open_once_the_mark_is_gone_and_stay_open(mark):
    middleware = page()
    assert answer(middleware, "/").status_code == 503
    mark.unlink()
    assert answer(middleware, "/").content == b"the page"
    mark.touch()
    assert answer(middleware, "/").content == b"the page"


def test_without_make_run_nothing_waits(monkeypatch):
    monkeypatch.delenv("PARLEY_PREPARING", raising=False)
    assert answer(page(), "/").content == b"the page"
