from . import ledger, purchases

__all__ = ["ledger", "purchases"]
