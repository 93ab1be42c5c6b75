"""A visit: who came, from where, to which utility, and what the journeys need to serve them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.event import Context
from domain.ids import Randomness
from web.access.api_keys import ApiKey
from web.access.offered_addresses import OfferedAddresses
from web.access.people import People
from web.access.person_sessions import PersonSession
from web.access.queues import Queues
from web.access.roles import Role
from web.access.sessions import Session, Sessions
from web.access.throttles import Throttles
from web.journeys.refusals import NotLoggedIn
from web.rendered import Rendered
from web.services import UtilityServices


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One request's surroundings. `source` is the client's address, an IPv6 one cut to its /64.

    `languages` are those that whoever asks wants to read, best first.
    """

    services: UtilityServices
    sessions: Sessions
    people: People
    throttles: Throttles
    queues: Queues
    rendered: Rendered[Any]
    offered_addresses: OfferedAddresses
    clock: Callable[[], datetime]
    randomness: Randomness
    correlation_id: UUID
    source: str
    session: Session | None = None
    api_key: ApiKey | None = None
    person: PersonSession | None = None
    device: str | None = None
    languages: tuple[str, ...] = ()

    @property
    def role(self) -> Role:
        """What the visitor may act as."""
        acting = self.api_key or self.person
        if acting is not None:
            return acting.role
        return Role.CUSTOMER if self.session is not None else Role.VISITOR

    @property
    def account_id(self) -> UUID:
        """The account that is logged in. Raises NotLoggedIn."""
        if self.session is None:
            raise NotLoggedIn
        return self.session.account_id

    def context(self) -> Context:
        """This will make the context of a command given now by this visitor."""
        acting = self.api_key or self.person
        by = self.role.value if acting is None else f"{self.role.value}:{acting.name}"
        return Context(at=self.clock(), by=by, correlation_id=self.correlation_id)
