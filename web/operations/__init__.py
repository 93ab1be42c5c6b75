"""What operators and their machines look at: health, readiness, metrics."""
