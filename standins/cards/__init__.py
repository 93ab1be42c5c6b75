"""A stand-in for Stripe: a real HTTP server with the hosted page to pay on, which keeps its state and moves no money."""
