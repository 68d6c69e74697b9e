"""Whole credits that always add up: wallets, balanced transfers between them, and holds (decisions.md 18, 19).

What a hold or a transfer is for is a neutral name ("booking:NW-7K4Q"): this app does not know what a booking is.
"""
