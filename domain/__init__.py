"""What can happen: aggregates, their events, their refusals, and the Portal whose methods are the commands.

Pure: no SQL and no HTTP here; clock, actor, ids and randomness are passed in.
"""
