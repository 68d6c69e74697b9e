from django.conf import settings

from bookings.workflow_document import render


def test_document_is_what_the_table_says():
    """Run `manage.py workflow_document` after a change of the table."""
    assert (settings.BASE_DIR / "docs" / "booking-workflow.md").read_text() == render()
