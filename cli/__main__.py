"""`python -m cli`: the command `seed` where it is not installed."""

from cli.main import main

main()
