"""The promises about money on real processes: under load, killed at random, and raced for (`seed torture`, `seed race`)."""
