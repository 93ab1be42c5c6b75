"""Whoever Seed is measured against, each in a file of its own; what they need is installed on demand, beside Seed's own."""
