"""Shapes of what people send. Whether it is allowed, and the sentence why not, is the domain's business (decisions.md 35)."""

from .answering import AcceptForm, CancelForm, DeclineForm, MessageForm
from .base import AnswerForm, read_moment
from .changing import AskToCancelForm, NotesForm, RescheduleForm, SuggestForm
from .requesting import RequestForm

__all__ = [
    "AcceptForm",
    "AnswerForm",
    "AskToCancelForm",
    "CancelForm",
    "DeclineForm",
    "MessageForm",
    "NotesForm",
    "RequestForm",
    "RescheduleForm",
    "SuggestForm",
    "read_moment",
]
