"""Who may come in: sessions, throttles, API keys, passwords and the role matrix. The only SQL in `web/`, on the schema `seed`."""
