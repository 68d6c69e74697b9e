"""The form of a provider, as the administration has it."""

import pytest


@pytest.fixture
def provider_form(mine):
    return {
        "name": mine.provider.name, "headline": "Zebra accounting", "bio": "", "city": "Prague", "languages": "en,cs",
        "is_published": "on", "paused_until": "", "listed_under": [mine.topic.pk], "why": "New headline by mail.",
    }  # fmt: skip
