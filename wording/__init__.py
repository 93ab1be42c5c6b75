"""How Seed writes to people: the catalogues of words, and money, units, times and colours. Pages and messages share it."""
