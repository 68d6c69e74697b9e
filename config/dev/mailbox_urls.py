from django.urls import path

from . import mailbox

urlpatterns = [
    path("", mailbox.mail_list, name="dev_mail"),
    path("<int:pk>/", mailbox.mail_detail, name="dev_mail_detail"),
    path("<int:pk>/html/", mailbox.mail_html, name="dev_mail_html"),
    path("<int:pk>/invite.ics", mailbox.mail_calendar, name="dev_mail_calendar"),
    path("<int:pk>/scan/", mailbox.mail_scan, name="dev_mail_scan"),
]
