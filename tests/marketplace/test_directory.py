"""The directory: words, filters, pages, bad input, htmx (PG-02, F2)."""

import html
import re
from itertools import chain

import pytest

from accounts.tenancy import tenant_scope
from marketplace import services
from marketplace.enums import Listing, Place
from marketplace.models import ProviderTopic, Topic
from tests import factories
from tests.worlds import once

pytestmark = pytest.mark.usefixtures("at_demo_time")
DIRECTORY = "/t/north/experts/"


@pytest.fixture
@once
def people(north):
    with tenant_scope(north):
        tax, pay = factories.topic("Tax and money"), factories.topic("Pay")
        ana = factories.provider(languages=["cs", "en"], topics=[tax])
        factories.service(ana, price=30)
        ben = factories.provider("Ben Abara", headline="Salary talks", topics=[tax, pay], zone="Africa/Lagos")
        factories.service(ben, minutes=60, price=60, place=Place.IN_PERSON)
        return {"ana": ana, "ben": ben, "tax": tax, "pay": pay}


def found(response) -> list[str]:
    return re.findall(r'<h3 class="h3"><a href="[^"]+">([^<]+)</a>', response.content.decode())


def get(client, query: str = "", **headers):
    return client.get(DIRECTORY + query, headers=headers)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["Ana Nowak", "Ben Abara"]),
        ("?q=", ["Ana Nowak", "Ben Abara"]),
        ("?q=tax", ["Ana Nowak", "Ben Abara"]),
        ("?q=sal", ["Ben Abara"]),
        ("?topic=pay", ["Ben Abara"]),
        ("?topic=pay&topic=tax-and-money", ["Ana Nowak", "Ben Abara"]),
        ("?dur=30", ["Ana Nowak"]),
        ("?lang=cs", ["Ana Nowak"]),
        ("?mode=in_person", ["Ben Abara"]),
        ("?price_max=30", ["Ana Nowak"]),
        ("?price_max=", ["Ana Nowak", "Ben Abara"]),
        ("?q=tax&dur=60&mode=in_person&price_max=60", ["Ben Abara"]),
        ("?sort=price", ["Ana Nowak", "Ben Abara"]),
        ("?q=nowka", ["Ana Nowak"]),
    ],
)
def test_directory_finds_by_words_and_filters(client, people, query, names):
    response = get(client, query)
    assert (response.status_code, found(response)) == (200, names)


@pytest.mark.parametrize(
    ("query", "sentence", "names"),
    [
        ("?q=sal&topic=nothing", "That skill is not on the list. Choose another one.", ["Ben Abara"]),
        ("?lang=en&dur=abc", "That length is not on the list. Choose another one.", ["Ana Nowak", "Ben Abara"]),
        ("?dur=30&dur=31", "That length is not on the list. Choose another one.", ["Ana Nowak", "Ben Abara"]),
        ("?dur=30&lang=xx", "That language is not on the list. Choose another one.", ["Ana Nowak"]),
        ("?dur=30&mode=telepathy", "That way to meet is not on the list. Choose another one.", ["Ana Nowak"]),
        ("?dur=30&price_max=cheap", "Enter a price as a whole number, like 30.", ["Ana Nowak"]),
        ("?dur=30&price_max=-1", "Enter a price as a whole number, like 30.", ["Ana Nowak"]),
        ("?dur=30&price_max=99999999999999999999", "Enter a price as a whole number, like 30.", ["Ana Nowak"]),
        ("?dur=30&sort=magic", "That order is not on the list. Choose another one.", ["Ana Nowak"]),
        (f"?dur=30&q={'x' * 201}", "Search for 200 letters or fewer.", ["Ana Nowak"]),
        ("?dur=30&q=a%00b", "Null characters are not allowed.", ["Ana Nowak"]),
    ],
)
def test_directory_refuses_a_filter_in_words_and_keeps_the_others(client, people, query, sentence, names):
    response = get(client, query)
    text = response.content.decode()
    assert response.status_code == 422
    assert found(response) == names
    assert "<title>Error: Find an expert" in text
    assert text.count(sentence) >= 1
    [summary] = re.findall(r'id="error-summary".*?</div>', text, re.DOTALL)
    [target] = re.findall(r'<a href="#([^"]+)">', summary)
    assert sentence in html.unescape(summary)
    assert f'id="{target}"' in text


@pytest.mark.parametrize("page", ["1", "0", "-5", "abc", "", "1000000000", "9" * 400])
def test_directory_has_a_page_for_every_number(client, people, page):
    response = get(client, f"?page={page}")
    assert (response.status_code, found(response)) == (200, ["Ana Nowak", "Ben Abara"])


def test_directory_shows_twenty_a_page_in_a_stable_order(client, north):
    with tenant_scope(north):
        for number in range(41):
            factories.service(factories.provider(f"Person {number:02}"))
    pages = [found(get(client, f"?page={number}&lang=en")) for number in (1, 2, 3)]
    assert [len(names) for names in pages] == [20, 20, 1]
    assert list(chain.from_iterable(pages)) == [f"Person {number:02}" for number in range(41)]
    text = get(client, "?page=2&lang=en").content.decode()
    assert "Page 2 of 3" in text
    assert 'href="?lang=en&amp;page=3"' in text
    assert found(get(client, "?page=99&lang=en")) == ["Person 40"]


def test_directory_cards_show_what_counts(client, people, north):
    with tenant_scope(north):
        services.update_provider(provider=people["ana"], answers_within_hours=5)
    client.cookies["tz"] = "America/Chicago"
    text = get(client, "?lang=cs").content.decode()
    for words in (
        "Czech, English", "Usually answers in 5 hours", "30 minutes, 30 credits", "In Prague, 7 hours ahead",
        '<li class="tag">Tax and money</li>', 'aria-label="Next free times of Ana Nowak"',
        "Ask Ana Nowak for Monday 23 November, 2:30am to 3am, 9:30am in Prague",
        'See all times<span class="vh"> of Ana Nowak</span>', '<h2 id="count" tabindex="-1">1 expert</h2>',
    ):  # fmt: skip
        assert words in text


def test_directory_cards_name_no_other_time_on_the_same_clock(client, people):
    client.cookies["tz"] = "Europe/Vienna"
    text = get(client, "?lang=cs").content.decode()
    assert "Ask Ana Nowak for Monday 23 November, 9:30am to 10am</span>" in text
    assert "hint-line" not in text


def test_directory_shows_no_price_where_none_is_taken(client, south):
    with tenant_scope(south):
        factories.service(factories.provider(), price=0)
        factories.service(factories.provider("Ben Abara"), price=0, minutes=60)
    text = client.get("/t/south/experts/").content.decode()
    assert "credit" not in text
    assert "price_max" not in text
    assert "Lowest price" not in text
    assert "2 consultants" in text


def test_directory_offers_only_filters_that_are_a_choice(client, people):
    text = get(client).content.decode()
    assert re.findall(r"<legend>([^<]+)</legend>", text) == ["Skills", "Length", "Language", "How you meet", "Price"]
    assert re.findall(r'name="dur"[^>]* value="(\d+)"', text) == ["30", "60"]
    assert "Up to 45 credits" in text


def test_directory_keeps_filters_over_search_sort_and_pages(client, people):
    text = get(client, "?q=tax&lang=en&sort=price").content.decode()
    assert '<input id="q" name="q" type="search" value="tax"' in text
    assert re.search(r'name="lang" id="f-lang-\d" value="en" checked', text)
    assert '<option value="price" selected>' in text
    search, filters, sort = re.findall(r"<form[^>]*method=\"get\".*?</form>", text, re.DOTALL)
    assert '<input type="hidden" name="lang" value="en">' in search
    assert '<input type="hidden" name="q" value="tax">' in filters
    assert '<input type="hidden" name="lang" value="en">' in sort


def test_directory_says_when_names_only_come_near(client, people):
    text = get(client, "?q=nowka").content.decode()
    assert "1 expert with a name or skill like that" in text
    assert "Nothing matches “nowka” as it is written." in text


@pytest.mark.parametrize(
    ("query", "title", "way_out"),
    [
        ("?q=xyzzy", "No experts match that", "Try other words, or fewer of them."),
        ("?q=tax&lang=cs&mode=in_person", "No experts match that", "Try other words, or fewer filters."),
        ("?lang=cs&mode=in_person", "No experts match that", "Try fewer filters."),
    ],
)
def test_directory_without_results_shows_a_way_out(client, people, query, title, way_out):
    response = get(client, query)
    text = response.content.decode()
    assert (response.status_code, found(response)) == (200, [])
    assert title in text
    assert way_out in text
    assert '<a class="btn" href="/t/north/experts/">Clear everything</a>' in text


def test_directory_of_a_new_tenant(client, north):
    text = get(client).content.decode()
    assert "No experts yet" in text
    assert "Clear everything" not in text


def test_directory_escapes_what_was_typed(client, people):
    text = get(client, "?q=%3Cscript%3Ealert(1)%3C/script%3E").content.decode()
    assert "<script>alert" not in text
    assert 'value="&lt;script&gt;alert(1)&lt;/script&gt;"' in text


def test_directory_leaves_out_paused_topics_and_the_unpublished(client, people, north):
    with tenant_scope(north):
        services.set_listing(provider=people["ana"], topic=people["tax"], listing=Listing.SUSPENDED)
    assert found(get(client, "?topic=tax-and-money")) == ["Ben Abara"]
    assert found(get(client)) == ["Ana Nowak", "Ben Abara"]
    with tenant_scope(north):
        services.update_provider(provider=people["ben"], is_published=False)
    assert found(get(client)) == ["Ana Nowak"]


def test_directory_never_shows_another_tenant(client, people, south):
    with tenant_scope(south):
        law = factories.topic("Law")
        factories.service(factories.provider("Sue South", topics=[law], languages=["de"]), minutes=45)
    response = get(client, "?q=sue")
    assert found(response) == []
    text = get(client).content.decode()
    assert "German" not in text
    assert "Law" not in text
    assert get(client, "?topic=law").status_code == 422
    assert found(client.get("/t/south/experts/?topic=law")) == ["Sue South"]


def test_directory_gives_htmx_the_results_alone(client, people):
    response = get(client, "?lang=cs", HX_Request="true")
    text = response.content.decode()
    assert found(response) == ["Ana Nowak"]
    assert "<html" not in text
    assert '<p id="announce" class="vh" role="status" hx-swap-oob="true">1 expert</p>' in text
    assert "HX-Request" in response.headers["Vary"]
    assert "HX-Request" in get(client).headers["Vary"]


@pytest.mark.parametrize("query", ["", "?q=person&dur=30&lang=en&topic=tax-and-money&price_max=30&sort=price"])
def test_directory_takes_a_fixed_number_of_queries(
    client, north, django_assert_num_queries, django_assert_max_num_queries, query
):
    with tenant_scope(north):
        tax = factories.topic("Tax and money")
        factories.service(factories.provider("Person 0", topics=[tax]))
    get(client, query)
    with django_assert_max_num_queries(10) as one:
        assert len(found(get(client, query))) == 1
    expected = len(one)  # Kept now: the next request clears the log.
    with tenant_scope(north):
        for number in (1, 2):
            other = factories.provider(f"Person {number}", topics=[tax, factories.topic(f"Topic {number}")])
            factories.service(other)
            factories.service(other, minutes=60)
    get(client, query)  # The first page after a change reads the overview.
    with django_assert_num_queries(expected):
        assert len(found(get(client, query))) == 3


def test_directory_knows_a_topic_that_another_process_added(client, people, north):
    get(client)
    with tenant_scope(north):
        law = Topic.objects.create(name="Law", slug="law")
        ProviderTopic.objects.create(provider=people["ana"], topic=law)
    response = get(client, "?topic=law")
    assert (response.status_code, found(response)) == (200, ["Ana Nowak"])
