"""The command `seed`: puts the rooms together and runs them."""
