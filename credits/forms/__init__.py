from .buying import BuyForm
from .own import StatementForm, VoucherForm

__all__ = ["BuyForm", "StatementForm", "VoucherForm"]
