"""Giving a booking to another provider (T34, docs/decisions/0013-another-provider.md)."""

from ..context import Context, Refusal


def somebody_takes_it(context: Context) -> Refusal | None:
    """Another provider is named."""
    if context.successor is None:
        return Refusal("nobody", "Say who takes it over.", field="provider")
    if not context.successor.is_same:
        return None
    return Refusal("no_change", f"It is with {context.provider_name} already. Choose somebody else.", field="provider")


def successor_may_take_it(context: Context) -> Refusal | None:
    """Nobody has a booking with themselves, or gives one to themselves, and only what is offered can be had."""
    to, words = context.heir, context.words
    if to.is_client:
        sentence = f"{to.name} can't have {words.a_session} with themselves. Choose somebody else."
        return Refusal("own", sentence, field="provider")
    if to.is_actor:
        return Refusal("to_oneself", "You can't give it to yourself. Ask somebody else of the staff.", field="provider")
    if to.is_offered:
        return None
    sentence = f"{to.name} does not offer {to.service.name} at the moment. Choose something else, or somebody else."
    return Refusal("not_offered", sentence, field="service")


def successor_is_free(context: Context) -> Refusal | None:
    """Two agreed sessions of one person never overlap (decisions.md 14, B1): not at what is agreed, nor on the table."""
    clash = next((clash for clash in context.clashes if clash.is_agreed), None)
    if clash is None:
        return None
    what = f"{clash.title_to_staff or clash.title} on {context.when(clash.starts_at)}"
    sentence = f"{context.heir.name} has agreed to {what}. Choose somebody else."
    return Refusal("taken", sentence, field="provider", is_conflict=True)
