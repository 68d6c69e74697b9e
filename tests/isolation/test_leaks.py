"""The leak crawl (reliability.md 6.6, F107, F120-F122, T1, T2): each address, method and role of one tenant, with names of another.

What the other tenant has answers exactly like what nobody has, and no byte of the other tenant is in any answer, mail or redirect.
"""

from contextlib import contextmanager
from itertools import product

from accounts.tenancy import TenantModel
from tests.statements import recorded, session_settings, unbounded

from . import inputs
from .addresses import Unknown, addresses, chooses_a_row, fillings
from .crawler import Question
from .world import unmarked

TENANT_URLS = addresses("config.urls.tenant")
METHODS = ("GET", "HEAD", "POST")


def test_every_address_with_parameters_has_values():
    """A new page is crawled from its first day."""
    unknown = []
    for address in TENANT_URLS:
        try:
            fillings(address, None)
        except Unknown as error:
            unknown.append(str(error))
    assert unknown == []


def test_every_table_and_text_of_both_tenants_is_marked(worlds):
    """Otherwise a leak of it would go unseen."""
    assert unmarked(worlds.mine) == unmarked(worlds.theirs) == []


def test_the_admin_shows_tables_of_tenants_only():
    """A table without a tenant is everybody's: its rows would show in every tenant's admin."""
    from config.admin import site

    assert [model.__name__ for model in site._registry if not issubclass(model, TenantModel)] == []


def test_the_crawl_reads_what_a_form_writes(worlds, visitors):
    """Mails and work that somebody else will read are part of an answer; the mail to the very address that was typed is not."""
    [guest] = [visitor for visitor in visitors if visitor.name == "guest"]
    address = worlds.mine.people["client"].user.email
    form = {"login": address}

    assert address in guest.ask(Question("POST", "signin/", form=form)).written
    assert address not in guest.ask(Question("POST", "signin/", form=form, ids=(address,))).written
    assert guest.ask(Question("GET", "signin/")).written == ""


# --- what is asked -----------------------------------------------------------------------------------------


def takes_posts(owner, found=[]):  # noqa: B006 - the views are the same in every run, so they are asked once
    """The addresses that answer POST with anything but 405; the others refuse it before they look at anything."""
    if not found:
        paths = [(address, address.path(fillings(address, owner.world)[0])) for address in TENANT_URLS]
        found += [address for address, path in paths if owner.ask(Question("POST", path)).status != 405]
    return found


def is_worth_asking(visitor, address, method, taken):
    """The same door need not be tried by everybody: what is left out goes through the same code as what is asked.

    HEAD runs the view of GET. Members without the role meet one guard before all of the admin. A form without a name in it is
    tried by a guest, a member and an owner.
    """
    is_admin = address.route.startswith("admin/")
    if method == "HEAD":
        return visitor.name == ("owner" if is_admin else "client")
    if is_admin and visitor.name != "owner":
        return method == "GET" and (visitor.name == "staff" or address.name.endswith("_change"))
    return method == "GET" or (
        address in taken and (chooses_a_row(address) or visitor.name in {"guest", "client", "owner"})
    )


def questions(visitor, worlds, taken, methods):
    """Pairs: a question that names something of the other tenant, and the same with a name of nobody; None where none is named."""
    mine, theirs = worlds.mine, worlds.theirs
    own = inputs.things_of(mine, mine.free_start)
    named, nobodys = inputs.things_of(theirs, mine.free_start), inputs.absent_things(mine.free_start)
    ids = (*named.words(), *nobodys.words())
    for address, method in product(TENANT_URLS, methods):
        if not is_worth_asking(visitor, address, method, taken):
            continue
        yield from _by_path(address, method, theirs, own)
        path = address.path(fillings(address, mine)[0])
        yield Question(method, path), None
        place, put = {"GET": ("query", inputs.queries), "POST": ("form", inputs.forms)}.get(method, ("", None))
        for pair in zip(put(address, named), put(address, nobodys), strict=True) if put else ():
            yield tuple(Question(method, path, ids=ids, **{place: words}) for words in pair)


def _by_path(address, method, theirs, own):
    if not chooses_a_row(address):
        return
    [nobody] = fillings(address, None)
    for values in fillings(address, theirs):
        ids = (*values.values(), *nobody.values())
        for form in inputs.forms(address, own) if method == "POST" else [{}]:
            yield tuple(Question(method, address.path(v), form=form, ids=ids) for v in (values, nobody))


def crawl(worlds, visitors, methods):
    """What was given away: one line for each answer."""
    found = []
    taken = takes_posts(next(visitor for visitor in visitors if visitor.name == "owner"))
    for visitor in visitors:
        # Who belongs to both may read the other's name: it is on the way there.
        secrets = worlds.theirs.secrets() - ({worlds.theirs.sign} if visitor.name == "both" else set())
        known, harmless = {}, set()
        for named, nobody in questions(visitor, worlds, taken, methods):
            reply = visitor.ask(named)
            seen = reply.seen()
            if seen not in harmless:
                shown = [secret for secret in secrets if secret in seen]
                found += [f"{visitor.name}: {named} shows {secret}" for secret in shown]
                harmless |= set() if shown else {seen}
            if reply.status >= 500:
                found.append(f"{visitor.name}: {named} is a {reply.status}")
            if nobody is not None:
                other = known.get(str(nobody)) or visitor.ask(nobody)
                known[str(nobody)] = other
                if (reply.status, reply.body) != (other.status, other.body):
                    found.append(f"{visitor.name}: {named} is {reply.status}, for nobody's {other.status}")
                # A sign-up for a new address writes more than one for a known address; a page is either there or not.
                if named.path != nobody.path and reply.statements != other.statements:
                    found.append(
                        f"{visitor.name}: {named} asks {reply.statements} times, for nobody's {other.statements}"
                    )

    return found


@contextmanager
def watched():
    """On the way every statement names the tenant (T10), and none would outlive its transaction."""
    with recorded() as sent:
        yield
    assert unbounded(set(sent)) == []
    assert session_settings(set(sent)) == []


# --- three runs --------------------------------------------------------------------------------------------


def test_no_byte_of_another_tenant(worlds, visitors):
    """F120: both walls."""
    with watched():
        assert crawl(worlds, visitors, METHODS) == []


def test_no_byte_of_another_tenant_without_scopes(worlds, visitors, no_scopes):
    """F121: row-level security alone. HEAD runs the view of GET, which is asked."""
    assert crawl(worlds, visitors, ["GET", "POST"]) == []


def test_no_byte_of_another_tenant_without_row_level_security(worlds, visitors, no_rls):
    """F122: scopes alone."""
    with watched():
        assert crawl(worlds, visitors, ["GET", "POST"]) == []


def test_the_crawl_notices_a_leak(worlds, visitors, no_scopes, no_rls):
    """With both walls away a guest's directory shows the other tenant; otherwise the runs above would prove nothing."""
    [guest] = [visitor for visitor in visitors if visitor.name == "guest"]
    seen = guest.ask(Question("GET", "experts/")).seen()
    assert worlds.theirs.marker in seen
    pair = Question("GET", f"experts/{worlds.theirs.provider.slug}/"), Question("GET", "experts/nobody-of-this-name/")
    assert [guest.ask(question).status for question in pair] == [200, 404]
