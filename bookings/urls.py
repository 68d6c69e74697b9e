from django.urls import path

from .views import answers, booking, guests, listing, requests, today

urlpatterns = [
    path("experts/<slug:slug>/request/", requests.request_form, name="request"),
    path("experts/<slug:slug>/request/code/", guests.confirm_address, name="request_code"),
    path("bookings/", listing.bookings, name="bookings"),
    path("bookings/<slug:code>/", booking.detail, name="booking"),
    path("bookings/<slug:code>/sent/", booking.sent, name="booking_sent"),
    path("bookings/<slug:code>/accept/", answers.accept, name="booking_accept"),
    path("bookings/<slug:code>/decline/", answers.decline, name="booking_decline"),
    path("bookings/<slug:code>/withdraw/", answers.withdraw, name="booking_withdraw"),
    path("bookings/<slug:code>.ics", booking.calendar_file, name="booking_ics"),
    path("portal/", today.today, name="today"),
]
