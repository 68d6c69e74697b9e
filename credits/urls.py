"""A member's own credits (PG-50)."""

from django.urls import path

from . import views

urlpatterns = [
    path("credits/", views.credits, name="credits"),
    path("credits/statement/", views.statement, name="credits_statement"),
    path("credits/earned/", views.earned, name="credits_earned"),
]
