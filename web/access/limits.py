"""Every limit there is, with its reason. They are the protection against guessing; `web.access.odds` counts with them.

A `Rate` lets `most` through at once, and then `most` in every `within`. A `Delay` lets `free` failures through, then makes
each next try wait twice as long as the one before, from `first` up to `longest`; failures are forgotten after `forget`
without one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Rate:
    """So many in so long, whoever or whatever is counted; `shared` where that is everybody together."""

    purpose: str
    most: int
    within: timedelta
    reason: str
    shared: bool = False


@dataclass(frozen=True, kw_only=True)
class Delay:
    """A wait that doubles with each failure, and never becomes a lock."""

    purpose: str
    free: int
    first: timedelta
    longest: timedelta
    forget: timedelta
    reason: str

    def after(self, failures: int) -> timedelta:
        """This will give how long to wait after so many failures."""
        if failures <= self.free:
            return timedelta(0)
        doublings: int = 2 ** min(failures - self.free - 1, 30)
        return min(self.first * doublings, self.longest)


LOOKUPS = Rate(
    purpose="number-lookup",
    most=60,
    within=HOUR,
    reason="A source that asks for numbers one after another is reading a directory of customers. A shared address of a"
    " mobile network still serves a queue of people.",
)
NUMBERS_LOOKED_UP = Rate(
    purpose="number-lookups-in-all",
    most=3000,
    within=HOUR,
    shared=True,
    reason="Many sources together must not read the directory either: 3,000 an hour are ten times a busy hour.",
)
ADDRESS_LISTS = Rate(
    purpose="address-list",
    most=30,
    within=DAY,
    reason="A made-up house that is seen in two lists is known to be nobody's, so that many lists together tell more than"
    " one. Past this many, a source is offered the link to a registered contact instead of a list.",
)
ADDRESS_LISTS_IN_ALL = Rate(
    purpose="address-lists-in-all",
    most=1000,
    within=DAY,
    shared=True,
    reason="Many sources together must not read them all either; whoever comes then goes by the link, or by staff.",
)
ADDRESS_PICKS = Rate(
    purpose="wrong-address-pick",
    most=10,
    within=DAY,
    reason="An account allows two wrong picks in 30 days; a source allows ten a day, so that nobody tries their one"
    " chance in five on account after account: ten picks, on five accounts, find one. Right picks do not count.",
)
ISSUES = Rate(
    purpose="password-issue",
    most=5,
    within=DAY,
    reason="Each issue writes to four places: five a day are enough for a person and too few to plague one.",
)
CONTINUATIONS = Rate(
    purpose="continuation-link",
    most=3,
    within=DAY,
    reason="Each link writes to the registered contacts, at a stranger's request.",
)
LINKS = Rate(
    purpose="link",
    most=60,
    within=HOUR,
    reason="Links carry 128 bits of proof and cannot be guessed; this only keeps the noise of trying down.",
)
LOGINS = Rate(
    purpose="login-by-source",
    most=120,
    within=timedelta(minutes=10),
    reason="One password tried on many accounts from one source. A shared address still serves many people.",
)
LOGINS_OF_ACCOUNT = Delay(
    purpose="login-by-account",
    free=10,
    first=timedelta(seconds=2),
    longest=timedelta(minutes=15),
    forget=DAY,
    reason="Ten failures slow an account down; a quarter of an hour between tries leaves 96 a day, and locks nobody out.",
)
REQUESTS = Rate(
    purpose="service-request",
    most=20,
    within=DAY,
    reason="People read each request. Twenty a day are enough for the worst of days, and too few to drown the staff in.",
)
REQUEST_COMMENTS = Rate(
    purpose="service-request-comment",
    most=100,
    within=DAY,
    reason="As with requests: a conversation fits, a flood does not.",
)
SIGN_INS = Rate(
    purpose="sign-in-by-source",
    most=60,
    within=timedelta(minutes=10),
    reason="One password tried on many people from one source. An office behind one address still signs in of a morning.",
)
SIGN_INS_OF_PERSON = Delay(
    purpose="sign-in-by-person",
    free=5,
    first=timedelta(seconds=2),
    longest=HOUR,
    forget=DAY,
    reason="Name, password and code are tried together. An hour between tries leaves 24 a day: with a stolen password, one"
    " in 40 guesses a code within a year. A device that was signed in before has a count of its own, so nobody is locked out.",
)
STAFF_LOOKUPS = Rate(
    purpose="account-looked-up-by-staff",
    most=240,
    within=HOUR,
    reason="A person at the desk looks at four accounts a minute at most; whoever looks at more copies them. Each look is"
    " recorded beside that.",
)
ENROLMENTS = Rate(
    purpose="enrolment",
    most=30,
    within=HOUR,
    reason="Links carry 256 bits and cannot be guessed; codes that are mistyped on the way in stay few.",
)
PASSWORDS_AGAIN = Delay(
    purpose="password-again",
    free=5,
    first=timedelta(seconds=2),
    longest=timedelta(minutes=15),
    forget=DAY,
    reason="Whoever finds a session open, or stole it, would have to guess the password before anything that matters is changed."
    " Only somebody logged in to the account can cause the delay.",
)
SHARES_CHOSEN = Rate(
    purpose="share-chosen",
    most=10,
    within=DAY,
    reason="Each choice is asked of Juice and told to the contacts: enough to try several, too few to plague anybody.",
)
CONTACT_CHANGES = Rate(
    purpose="contact-change",
    most=20,
    within=DAY,
    reason="Each new contact is written to, at an address that somebody typed, and so are the registered ones: enough to correct"
    " every contact twice, too few to plague anybody.",
)
CARDS_BY_SERIAL = Delay(
    purpose="card-by-serial",
    free=5,
    first=timedelta(seconds=5),
    longest=HOUR,
    forget=timedelta(days=2),
    reason="Serials are printed openly and count up; who mistypes a code needs three tries, who guesses needs millions."
    " It holds neither an account's owner up nor a source's first tries, so that a stranger cannot lock a card's holder out.",
)
CARDS_BY_SOURCE = Delay(
    purpose="card-by-source",
    free=40,
    first=timedelta(seconds=1),
    longest=MINUTE,
    forget=HOUR,
    reason="Serial after serial from one source. Mild, since thousands of phones may share an address; each card that is"
    " redeemed halves what was counted.",
)
CARDS_BY_TARGET = Delay(
    purpose="card-by-account",
    free=20,
    first=timedelta(seconds=5),
    longest=timedelta(minutes=15),
    forget=DAY,
    reason="Whoever guesses wants one account credited, from many sources. The account's owner has a count of their own.",
)
CARDS_BY_OWNER = Delay(
    purpose="card-by-owner",
    free=20,
    first=timedelta(seconds=5),
    longest=timedelta(minutes=15),
    forget=DAY,
    reason="What somebody logged in, or on a device that logged in before, tries for their own account: no stranger's"
    " failures hold them up, and theirs are counted all the same.",
)
CARDS = Rate(
    purpose="wrong-cards-in-all",
    most=1200,
    within=HOUR,
    shared=True,
    reason="All sources and serials together, less the two lanes below. Right cards do not count, so a guesser's flood is"
    " what fills it.",
)
FIRST_CARDS = Rate(
    purpose="first-wrong-cards-in-all",
    most=120_000,
    within=HOUR,
    shared=True,
    reason="The first tries of all sources: a lane that only a new address for every three guesses fills, and so wide that"
    " this takes 40,000 addresses an hour. The odds bear it.",
)
CARDS_OF_OWNERS = Rate(
    purpose="wrong-cards-of-owners",
    most=12_000,
    within=HOUR,
    shared=True,
    reason="Owners for their own accounts: each account has its own delay, so that only hundreds of them fill it.",
)
TOKEN_MESSAGES = Rate(
    purpose="token-message",
    most=10,
    within=DAY,
    reason="Each is an e-mail or an SMS that costs money; ten a day are more tokens than anybody buys.",
)
PREVIEWS = Rate(
    purpose="preview",
    most=300,
    within=HOUR,
    reason="Each preview asks Juice. Somebody who tries amounts needs a dozen; a program that asks all day is not served.",
)
PURCHASES = Rate(
    purpose="purchase",
    most=20,
    within=HOUR,
    reason="Each opens a page to pay on. Twenty are more than anybody buys in an hour, and too few to try stolen cards on.",
)

ALL = (
    LOOKUPS,
    NUMBERS_LOOKED_UP,
    ADDRESS_LISTS,
    ADDRESS_LISTS_IN_ALL,
    ADDRESS_PICKS,
    ISSUES,
    CONTINUATIONS,
    LINKS,
    LOGINS,
    LOGINS_OF_ACCOUNT,
    REQUESTS,
    REQUEST_COMMENTS,
    SIGN_INS,
    SIGN_INS_OF_PERSON,
    STAFF_LOOKUPS,
    ENROLMENTS,
    PASSWORDS_AGAIN,
    SHARES_CHOSEN,
    CONTACT_CHANGES,
    CARDS_BY_SERIAL,
    CARDS_BY_SOURCE,
    CARDS_BY_TARGET,
    CARDS_BY_OWNER,
    CARDS,
    FIRST_CARDS,
    CARDS_OF_OWNERS,
    TOKEN_MESSAGES,
    PREVIEWS,
    PURCHASES,
)
