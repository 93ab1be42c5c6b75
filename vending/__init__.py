"""Drives each purchase and redemption to its one end: the ports to Juice, their clients, the process manager, the feeds."""
