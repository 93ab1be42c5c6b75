"""Seed's side of each match: the product as it is shipped."""
