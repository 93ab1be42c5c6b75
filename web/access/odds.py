"""How likely a guess is to succeed, whatever the guesser does, within the limits of `web.access.limits`.

In a year, against one utility:

- A scratch code, any card (at least 12 of 36 characters, 4.7e18 codes): all sources and serials together get
  133,200 wrong tries an hour in three lanes, 1.2 billion a year: 2.5e-10, one in 4 billion.
- A scratch code, one given card: its serial's delay grows to an hour, which leaves one source under 9,000 tries: 1.9e-15.
  Whoever has a new source for each try is held by the line above.
- The registered address among ten, by a stranger who knows an account's number: two picks in thirty days, one chance in
  five; one source has ten wrong picks a day, which is five accounts, of which it takes one over for as long as its owner
  does not use the undo link that was sent to them. Whoever has read the lists of many accounts does better, since a
  made-up house may stand in two lists: in a town of 150 accounts 0.29 after 15 lists, 0.44 after 60, 0.73 after all of
  them; a larger town takes more lists for the same. One source gets 30 lists a day, all together 1,000
  (`tests/domain/test_picking_the_registered_address.py` plays it).
- A machine-made password (140 bits), were it tried a million times a second: 2.3e-29.
- One account's own password: a quarter of an hour between tries leaves about 35,000 a year. A password that is not among
  the 30,000 most used and is drawn from a million would fall with 3.5 %: which is why the listed ones are refused, and why
  failures are logged.
- A link or ticket (128 bits of proof), 60 tries an hour from each of a million sources: 1.5e-27.
"""

from __future__ import annotations

from datetime import timedelta

from web.access.limits import Delay, Rate

YEAR = timedelta(days=365)
SHORTEST_CODE = 36**12


def tries(limit: Rate | Delay, during: timedelta = YEAR) -> float:
    """This will give how many failures a limit lets through at most, in so long."""
    if isinstance(limit, Rate):
        return limit.most * (1 + during / limit.within)
    waited, count = timedelta(0), 0
    while (delay := limit.after(count + 1)) < limit.longest and waited <= during:
        waited, count = waited + delay, count + 1
    return count + max(timedelta(0), during - waited) / limit.longest + 1


def chance(tried: float, possibilities: int) -> float:
    """This will give the odds that one of so many different guesses is right."""
    return min(1.0, tried / possibilities)
