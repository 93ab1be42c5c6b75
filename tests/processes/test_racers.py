"""Sixty-four people with one card: one credit (`seed race`, short)."""

import asyncio

import pytest

from tests.torture.race import race

RACERS, CARDS = 64, 4


@pytest.fixture(scope="module")
def raced(running_portal):
    return asyncio.run(race(running_portal, RACERS, CARDS, seed=64))


class SixtyFourRacersOnOneCard:
    def test_give_one_credit_at_juice_and_here(self, raced):
        assert raced.violations == []
        assert (raced.credits_here, raced.credits_at_juice) == (CARDS, CARDS)

    def test_were_all_answered_and_most_of_them_lost(self, raced):
        assert raced.answers.total() == RACERS * CARDS and raced.answers[0] == 0, raced.answers
        assert raced.answers[202] == CARDS - raced.untaken
        assert raced.answers[409] + raced.answers[429] >= CARDS, raced.answers
