"""Forms about late changes: a provider explains, with files (PG-49)."""

from typing import Any

from django import forms

from ..enums import ExplanationReason
from ..evidence import ENDINGS, MOST_BYTES, MOST_FILES
from ..services.standing import MAX_TEXT, Upload
from .base import TOO_LONG, AnswerForm, PlainText


class ManyFiles(forms.ClearableFileInput):
    """A control that takes several files at once."""

    allow_multiple_selected = True
    template_name = "django/forms/widgets/file.html"


class Files(forms.FileField):
    """Several files, or none; what they may be is said by the domain. Larger ones than it takes are not read."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> list[Upload]:
        sent = data if isinstance(data, list | tuple) else [data] if data else []
        return [Upload(file.name, file.read(MOST_BYTES + 1)) for file in sent[: MOST_FILES + 1]]


class ExplanationForm(AnswerForm):
    """What happened, in a word and in a few sentences, and what shows it."""

    reason_code = forms.CharField(
        label="What was in the way?", widget=forms.RadioSelect(choices=ExplanationReason.choices)
    )
    text = PlainText(
        label="What happened?",
        max_length=MAX_TEXT,
        error_messages=TOO_LONG,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="Our staff read it, nobody else.",
    )
    files = Files(
        label="Files",
        required=False,
        help_text=(
            f"Whatever shows it, such as a doctor’s note: up to {MOST_FILES} files of {MOST_BYTES // 1024 // 1024} MB each, as "
            "PDF, PNG, JPG, HEIC or TXT."
        ),
        widget=ManyFiles(attrs={"accept": ",".join(f".{ending}" for ending in ENDINGS)}),
    )
