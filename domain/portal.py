"""The Portal: the one eventsourcing application of a utility. Its methods are the commands."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from eventsourcing.application import Application
from eventsourcing.utils import EnvType

from domain.commands.arrears_shares import ArrearsShareCommands
from domain.commands.auditing import AuditingCommands
from domain.commands.clock import ClockCommands
from domain.commands.deciding import DecidingCommands
from domain.commands.desk import DeskCommands
from domain.commands.editing import EditingCommands
from domain.commands.feeds import FeedCommands
from domain.commands.forgetting import ForgettingCommands
from domain.commands.info_page import InfoPageCommands
from domain.commands.left_out import LeftOutCommands
from domain.commands.purchases import PurchaseCommands
from domain.commands.reconciling import ReconcilingCommands
from domain.commands.redemptions import RedemptionCommands
from domain.commands.tickets import TicketCommands
from domain.commands.token_shelf import TokenShelfCommands
from domain.ids import NaturalId, Randomness
from domain.kept import Kept
from domain.links import Links, Mac
from domain.log import Log
from domain.passwords import Passwords


# The library's `save` is synchronous, ours is a coroutine that takes records too: hence the type checker's complaint.
class Portal(  # type: ignore[misc]
    ArrearsShareCommands,
    AuditingCommands,
    ClockCommands,
    EditingCommands,
    ForgettingCommands,
    RedemptionCommands,
    TicketCommands,
    PurchaseCommands,
    DecidingCommands,
    FeedCommands,
    ReconcilingCommands,
    InfoPageCommands,
    LeftOutCommands,
    DeskCommands,
    TokenShelfCommands,
    Application[UUID],
):
    """All that can be asked of one utility's accounts, wallets, cards and requests.

    Commands go through `log`, which commits together what arrives together. The library's own, synchronous side of an
    Application (recorder, repository, notification log) reads the same log where `env` names our persistence module:
    tools that replay history use it.
    """

    name = "portal"

    def __init__(
        self,
        log: Log,
        *,
        code: str,
        natural_id: NaturalId,
        mac: Mac,
        passwords: Passwords,
        randomness: Randomness,
        env: EnvType | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(env, **kwargs)
        self.event_log = log
        self.kept = Kept()
        self.code = code
        self.natural_id = natural_id
        self.mac = mac
        self.links = Links(mac)
        self.passwords = passwords
        self.randomness = randomness
