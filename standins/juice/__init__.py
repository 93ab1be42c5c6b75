"""A stand-in for Juice, the vending system: a real HTTP server that keeps its state, and issues real STS tokens."""
