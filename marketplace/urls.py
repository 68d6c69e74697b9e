"""The public pages of one marketplace (PG-01, PG-02, PG-04)."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.home, name="home"),
    path("experts/", views.directory, name="directory"),
    path("experts/<slug:slug>/", views.provider, name="provider"),
    path("experts/<slug:slug>/times/", views.provider_times, name="provider_times"),
    path("experts/<slug:slug>/slots/", views.slots, name="provider_slots"),
]
