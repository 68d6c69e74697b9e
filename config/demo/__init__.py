"""The five sample marketplaces: who is in them and what has happened there so far, as data, and how they are made."""
