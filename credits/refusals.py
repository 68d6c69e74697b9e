"""Why something can't be done with credits, for people: the same sentence in pages, mails and the admin (decisions.md 35)."""


class Refused(Exception):
    """Nothing has moved. `sentence` says what is wrong and what instead; `field` is the form field it belongs to."""

    def __init__(self, code: str, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.code, self.sentence, self.field = code, sentence, field
