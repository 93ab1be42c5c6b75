"""What moves money, on a simulated clock, with faults that a seed chooses: see `history`."""
