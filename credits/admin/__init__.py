from . import adjustments, ledger, programmes, purchases

__all__ = ["adjustments", "ledger", "programmes", "purchases"]
