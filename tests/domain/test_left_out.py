"""Deciding that a read model goes on without what it could not take."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from domain.left_out import LONGEST_REASON, LeftOut, ParkedSkipped, SkippedWithoutReason, SkipReasonTooLong
from tests.domain.scenario import Scenario, context


def skipped(**changes: Any) -> Any:
    told = {
        "read_model": "dashboard",
        "aggregate_id": UUID(int=7),
        "at_position": 12,
        "error": "KeyError at AccountOpened",
        "reason": "a test account of 2019",
        **changes,
    }
    return lambda left_out: left_out.skip(context(by="operator:joe"), **told)


class SomethingLeftOut:
    def test_is_skipped_with_a_reason_by_somebody(self) -> None:
        found = Scenario(LeftOut).when(skipped(reason=" a test account\n of 2019 "))
        found.then((ParkedSkipped, {"reason": "a test account of 2019", "by": "operator:joe", "at_position": 12}))

    def test_is_skipped_once_for_each_event_at_which_it_was_left_out(self) -> None:
        before = Scenario(LeftOut).given(skipped())
        before.when(skipped(reason="again")).then()
        before.when(skipped(at_position=30)).then((ParkedSkipped, {"at_position": 30}))

    @pytest.mark.parametrize("reason", ["", "  \n", "\u200b"])
    def test_is_not_skipped_without_a_reason(self, reason: str) -> None:
        Scenario(LeftOut).when(skipped(reason=reason)).then_refused(SkippedWithoutReason)

    def test_is_not_skipped_with_an_essay(self) -> None:
        Scenario(LeftOut).when(skipped(reason="x" * (LONGEST_REASON + 1))).then_refused(SkipReasonTooLong)
        Scenario(LeftOut).when(skipped(reason="x" * LONGEST_REASON)).then((ParkedSkipped, {}))
