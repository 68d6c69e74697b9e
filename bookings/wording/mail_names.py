"""What each mail about a booking is called where it is listed before it has a subject (D-5)."""

MAIL_NAMES = {
    "booking_requested_client": "Receipt of the request",
    "booking_requested_provider": "New request",
    "booking_confirmed_client": "Confirmation",
    "booking_confirmed_provider": "Confirmation",
    "booking_declined_client": "Not accepted",
    "booking_expired_client": "Not answered in time",
    "booking_expired_provider": "Not answered in time",
    "booking_withdrawn_provider": "Request taken back",
}
