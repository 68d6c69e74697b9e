"""How Django writes dates by itself, in the administration: as our own columns there do."""
