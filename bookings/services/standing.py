"""What becomes of late changes: explained, judged by staff, topics paused and listed again (T43-T45, PG-49, PG-83).

Everything about one provider happens in turn, at the lock of their calendar that `perform` takes as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.core.files.base import ContentFile
from django.db import transaction

from accounts import queries as accounts
from accounts.formatting import plural
from accounts.models import Membership
from calendars import services as calendars
from marketplace import services as marketplace
from marketplace.models import Provider

from .. import evidence, late_changes, standing_mails, standing_queries
from ..context import Reader, Refusal
from ..effects.standing import end_pause_later
from ..enums import ExplanationReason, ExplanationState, LateChangeKind, LateChangeState
from ..models import EvidenceFile, Explanation, LateChange, StandingReview
from .transitions import Refused

MAX_TEXT, MAX_ANSWER = 2000, 500
KINDS = "PDF, PNG, JPG, HEIC or TXT"


@dataclass(frozen=True)
class Upload:
    """A file as it was sent: what it was called, and all of its bytes."""

    name: str
    content: bytes


def explain(
    *,
    late_change: LateChange,
    by: Membership,
    reason_code: str,
    text: str,
    files: Sequence[Upload] = (),
    now: datetime,
) -> Explanation:
    """Say what happened, as the provider of `late_change`; staff are told and decide (T44, PG-49).

    Raises Refused and keeps nothing, no file either. A file that was kept for a transaction that is rolled back later stays
    on the disk under a name that nobody knows.
    """
    with transaction.atomic():
        _take_turn(late_change.provider)
        if refusal := _why_not_explain(late_change, by, reason_code, text, files, now):
            raise Refused(refusal)
        said = Explanation.objects.create(
            late_change=late_change, reason_code=reason_code, text=text.strip(), made_at=now
        )
        for upload in files:
            _keep(said, upload, now)
        standing_mails.tell_staff_of_explanation(said, now)
        return said


def decide(*, explanation: Explanation, is_accepted: bool, reason: str, by: Membership, now: datetime) -> Explanation:
    """Staff accept an explanation, which voids the late change and lists topics again where few enough are left; or don't.

    Raises Refused: by the provider themselves, without a reason, and as a conflict where somebody decided meanwhile.
    """
    with transaction.atomic():
        _refuse_own(explanation.late_change.provider, by)
        _take_turn(explanation.late_change.provider)
        said = Explanation.objects.select_for_update(of=("self",), no_key=True).get(pk=explanation.pk)
        if said.state != ExplanationState.OPEN:
            raise Refused(_decided_already(said, by, now))
        _refuse_without_reason(reason)
        said.late_change = change = explanation.late_change
        said.state = ExplanationState.ACCEPTED if is_accepted else ExplanationState.REFUSED
        said.answer, said.decided_at, said.decided_by = reason.strip(), now, by
        said.save(update_fields=["state", "answer", "decided_at", "decided_by"])
        if is_accepted:
            change.state = LateChangeState.VOIDED
            change.save(update_fields=["state"])
        policy = accounts.current_policy().policy
        standing = standing_queries.standing_of(change.provider, policy, now)
        topics = [] if standing.is_over or not is_accepted else _all_is_well(change.provider, said.answer, by, now)
        standing_mails.tell_of_decision(
            said, number=standing.number(LateChangeKind(change.kind)), limit=standing.limit, topics=topics, now=now
        )
        return said


def pause(*, review: StandingReview, reason: str, by: Membership, now: datetime) -> list[str]:
    """Staff pause the provider's topics and close the review (S1.16); names of the paused topics. What is agreed goes on.

    Raises Refused: by the provider themselves, without a reason, where the count is within the rules again, and as a conflict
    where it was closed.
    """
    with transaction.atomic():
        _refuse_own(review.provider, by)
        locked = _open_one(review)
        _refuse_without_reason(reason)
        provider, change = review.provider, review.late_change
        standing = standing_queries.standing_of(provider, accounts.current_policy().policy, now)
        if not standing.is_over:
            sentence = f"{provider.name} is within the rules again. Close this without pausing anything."
            raise Refused(Refusal("within_rules", sentence, is_conflict=True))
        topics = marketplace.suspend_topics(provider=provider, reference=late_changes.REFERENCE, now=now)
        if not topics:
            raise Refused(Refusal("nothing_listed", f"{provider.name} is listed under nothing that could be paused."))
        _close(locked, reason, by, now)
        until = standing.within_limit_from
        number = standing.number(LateChangeKind(change.kind))
        standing_mails.tell_of_pause(change, topics=topics, number=number, until=until, reason=reason.strip(), now=now)
        end_pause_later(provider, until)
        return topics


def restore(*, provider: Provider, reason: str, by: Membership, now: datetime) -> list[str]:
    """Staff list the provider's paused topics again (T45), and close the review if one is open; names of the topics.

    Raises Refused: by the provider themselves, without a reason, and as a conflict where nothing is paused any more.
    """
    with transaction.atomic():
        _refuse_own(provider, by)
        _take_turn(provider)
        _refuse_without_reason(reason)
        topics = marketplace.restore_topics(provider=provider, reference=late_changes.REFERENCE)
        if not topics:
            sentence = f"Nothing of {provider.name} is paused for late changes any more. Nothing was changed."
            raise Refused(Refusal("not_paused", sentence, is_conflict=True))
        if review := standing_queries.open_review_of(provider):
            _close(review, reason, by, now)
        standing_mails.tell_of_restoring(provider, topics=topics, reason=reason.strip(), now=now)
        return topics


def close_review(*, review: StandingReview, reason: str, by: Membership, now: datetime) -> StandingReview:
    """Staff have looked into it and leave everything as it is.

    Raises Refused: by the provider themselves, without a reason, and as a conflict where it was closed meanwhile.
    """
    with transaction.atomic():
        _refuse_own(review.provider, by)
        locked = _open_one(review)
        _refuse_without_reason(reason)
        _close(locked, reason, by, now)
        return locked


def end_pause(*, provider_id: UUID, now: datetime) -> list[str]:
    """List paused topics again if few enough late changes count by now; names of the topics. Safe to run twice."""
    with transaction.atomic():
        provider = Provider.objects.select_related("member__user", "calendar", "tenant").get(pk=provider_id)
        _take_turn(provider)
        standing = standing_queries.standing_of(provider, accounts.current_policy().policy, now)
        if not standing.paused:
            return []
        if standing.is_over:
            end_pause_later(provider, standing.within_limit_from)
            return []
        topics = marketplace.restore_topics(provider=provider, reference=late_changes.REFERENCE)
        standing_mails.tell_of_restoring(provider, topics=topics, reason="", now=now)
        return topics


def _all_is_well(provider: Provider, reason: str, by: Membership, now: datetime) -> list[str]:
    """Nothing is left to look into: topics are listed again, an open review closes."""
    if review := standing_queries.open_review_of(provider):
        _close(review, reason, by, now)
    return marketplace.restore_topics(provider=provider, reference=late_changes.REFERENCE)


def _refuse_own(provider: Provider, by: Membership) -> None:
    if provider.member_id == by.pk:
        sentence = "These are your own late changes. Somebody else of the staff has to decide."
        raise Refused(Refusal("own", sentence))


def _take_turn(provider: Provider) -> None:
    calendars.lock([provider.calendar])


def _open_one(review: StandingReview) -> StandingReview:
    _take_turn(review.provider)
    locked = StandingReview.objects.select_for_update(of=("self",), no_key=True).get(pk=review.pk)
    if locked.closed_at is not None:
        who = locked.closed_by.name if locked.closed_by else "Somebody"
        raise Refused(Refusal("closed", f"{who} closed this meanwhile. Nothing was changed.", is_conflict=True))
    return locked


def _close(review: StandingReview, reason: str, by: Membership, now: datetime) -> None:
    review.closed_at, review.closed_by, review.reason = now, by, reason.strip()
    review.save(update_fields=["closed_at", "closed_by", "reason"])


def _refuse_without_reason(reason: str) -> None:
    if not reason.strip():
        raise Refused(Refusal("reason_text_missing", "Say the reason in a few words.", field="reason"))
    if len(reason.strip()) > MAX_ANSWER:
        raise Refused(Refusal("reason_too_long", f"Shorten the reason: {MAX_ANSWER} characters fit.", field="reason"))


def _decided_already(said: Explanation, by: Membership, now: datetime) -> Refusal:
    reader = Reader(by.user.time_zone or by.tenant.time_zone, by.user.hour_cycle)
    when = f" on {reader.when(said.decided_at, now)}" if said.decided_at else ""
    who = said.decided_by.name if said.decided_by else "Somebody"
    did = "accepted" if said.state == ExplanationState.ACCEPTED else "did not accept"
    return Refusal("decided", f"{who} {did} this{when}. Nothing was changed.", is_conflict=True)


def _why_not_explain(
    late_change: LateChange, by: Membership, reason_code: str, text: str, files: Sequence[Upload], now: datetime
) -> Refusal | None:
    if late_change.provider.member_id != by.pk:
        return Refusal("not_yours", f"Only {late_change.provider.name} can explain this.")
    if Explanation.objects.filter(late_change=late_change).exists():
        return Refusal("explained", "You have explained this already. Staff answer by mail.", is_conflict=True)
    if now > late_changes.explain_until(late_change.at):
        days = plural(late_changes.EXPLAIN_WITHIN.days, "day")
        email = late_change.tenant.contact_email
        return Refusal("too_late", f"The {days} for explaining are over. Write to {email}.", is_conflict=True)
    if reason_code not in ExplanationReason.values:
        return Refusal("reason_missing", "Choose what was in the way.", field="reason_code")
    if not text.strip():
        return Refusal("text_missing", "Say in a few words what happened.", field="text")
    if len(text.strip()) > MAX_TEXT:
        return Refusal("text_too_long", f"Shorten it: {MAX_TEXT} characters fit.", field="text")
    return why_not_files(files)


def why_not_files(files: Sequence[Upload]) -> Refusal | None:
    """Why these files can't be taken; None when they can. Pure."""
    if len(files) > evidence.MOST_FILES:
        return Refusal("too_many_files", f"Send {evidence.MOST_FILES} files at most.", field="files")
    return next((refusal for upload in files if (refusal := _why_not_file(upload))), None)


def _why_not_file(upload: Upload) -> Refusal | None:
    name = evidence.shown_name(upload.name)
    called = f"\N{LEFT DOUBLE QUOTATION MARK}{name}\N{RIGHT DOUBLE QUOTATION MARK}"
    if not upload.content:
        return Refusal("file_empty", f"{called} is empty. Choose another file.", field="files")
    if len(upload.content) > evidence.MOST_BYTES:
        limit = evidence.MOST_BYTES // 1024 // 1024
        return Refusal("file_too_large", f"{called} is larger than {limit} MB. Send a smaller copy.", field="files")
    claimed, found = evidence.kind_by_name(name), evidence.kind_by_content(upload.content)
    if claimed is None:
        return Refusal("file_kind", f"{called} is of another kind. Send {KINDS}.", field="files")
    if claimed != found:
        sentence = f"What is in {called} is no {claimed.label}. Save it as {KINDS} and send it again."
        return Refusal("file_content", sentence, field="files")
    return None


def _keep(said: Explanation, upload: Upload, now: datetime) -> EvidenceFile:
    kind = evidence.kind_by_content(upload.content)
    if kind is None:
        raise ValueError("A file is looked at before it is kept: why_not_files.")
    row = EvidenceFile(
        explanation=said, name=evidence.shown_name(upload.name), kind=kind, size=len(upload.content), added_at=now
    )
    row.file.save(row.name, ContentFile(upload.content), save=False)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except Exception:
        row.file.delete(save=False)
        raise
    return row
