"""A catcher of mail and SMS: a real SMTP server and an SMS gateway, with a page to read what they were given.

Nothing that is sent here leaves the machine. Run it with `python -m standins.inbox --state DIR --ready-file FILE`.
"""
