from django.urls import path

from .views import answers, booking, changing, guests, listing, new_booking, outcome, requests, standing, support, today

urlpatterns = [
    path("experts/<slug:slug>/request/", requests.request_form, name="request"),
    path("experts/<slug:slug>/request/code/", guests.confirm_address, name="request_code"),
    path("bookings/", listing.bookings, name="bookings"),
    path("bookings/<slug:code>/", booking.detail, name="booking"),
    path("bookings/<slug:code>/sent/", booking.sent, name="booking_sent"),
    path("bookings/<slug:code>/accept/", answers.accept, name="booking_accept"),
    path("bookings/<slug:code>/decline/", answers.decline, name="booking_decline"),
    path("bookings/<slug:code>/withdraw/", answers.withdraw, name="booking_withdraw"),
    path("bookings/<slug:code>/cancel/", answers.cancel, name="booking_cancel"),
    path("bookings/<slug:code>/ask-to-cancel/", answers.ask_to_cancel, name="booking_ask_to_cancel"),
    path("bookings/<slug:code>/notes/", answers.notes, name="booking_notes"),
    path("bookings/<slug:code>/suggest/", changing.suggest, name="booking_suggest"),
    path("bookings/<slug:code>/reschedule/", changing.reschedule, name="booking_reschedule"),
    path("bookings/<slug:code>/join/", outcome.join, name="booking_join"),
    path("bookings/<slug:code>/outcome/", outcome.said, name="booking_outcome"),
    path("bookings/<slug:code>/undo/", outcome.undo, name="booking_undo"),
    path("bookings/<slug:code>/contest/", outcome.contest, name="booking_contest"),
    path("bookings/<slug:code>/ask-support/", support.ask_support, name="booking_support"),
    path("bookings/<slug:code>.ics", booking.calendar_file, name="booking_ics"),
    path("portal/", today.today, name="today"),
    path("portal/bookings/new/", new_booking.new_booking, name="new_booking"),
    path("portal/standing/", standing.standing, name="standing"),
    path("portal/standing/<uuid:key>/explain/", standing.explain, name="explain"),
    path("portal/standing/files/<uuid:key>/", standing.evidence, name="evidence"),
]
