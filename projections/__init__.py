"""One file answers one question: its row, its view (SQL) and its projection stand together.

Projections have no side effects and read no clock: replayed from zero they give the same rows, byte for byte.
"""
