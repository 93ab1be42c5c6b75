"""The other ends, as real servers on loopback, for the demo and the tests: Juice, and a catcher of mail and SMS."""
