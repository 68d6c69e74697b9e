"""A member's own credits (PG-50)."""

from django.urls import path

from .views import buying, own

urlpatterns = [
    path("credits/", own.credits, name="credits"),
    path("credits/statement/", own.statement, name="credits_statement"),
    path("credits/earned/", own.earned, name="credits_earned"),
    path("credits/buy/", buying.buy, name="credits_buy"),
    path("credits/purchases/<slug:code>/", buying.purchase, name="purchase"),
    path("credits/payments/<slug:provider>/events/", buying.payment_event, name="payment_event"),
    path("credits/test-payment/<str:token>/", buying.test_payment, name="test_payment"),
]
