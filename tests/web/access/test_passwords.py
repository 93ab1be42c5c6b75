from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from argon2 import extract_parameters

from eventlog.secrets import UtilitySecrets
from web.access.passwords import WAITING, ArgonPasswords, PasswordsBusy, UtilityPasswords


@pytest.fixture
def argon() -> Iterator[ArgonPasswords]:
    passwords = ArgonPasswords()
    yield passwords
    passwords.close()


@pytest.fixture
def passwords(argon: ArgonPasswords) -> UtilityPasswords:
    return argon.under(UtilitySecrets(bytes(32), "test"))


class AnOwnPassword:
    async def test_is_hashed_with_argon2id_and_known_again(self, passwords: UtilityPasswords) -> None:
        hashed = await passwords.slow_hash("correct horse")
        parameters = extract_parameters(hashed)
        assert (parameters.memory_cost, parameters.time_cost, parameters.parallelism) == (19456, 2, 1)
        assert hashed.startswith("$argon2id$")
        assert await passwords.matches(hashed, "correct horse")
        assert not await passwords.matches(hashed, "correct horsf")

    async def test_is_worked_on_as_long_where_there_is_none(self, argon: ArgonPasswords, passwords: UtilityPasswords) -> None:
        worked_on: list[str] = []
        verify = argon._verify
        argon._verify = lambda hashed, password: worked_on.append(hashed) or verify(hashed, password)  # type: ignore[method-assign,func-returns-value]
        assert not await passwords.matches(None, "whatever")
        assert extract_parameters(worked_on[0]) == extract_parameters(await passwords.slow_hash("x"))

    async def test_does_not_open_where_there_is_none_even_by_the_dummys_password(self, passwords: UtilityPasswords) -> None:
        assert not await passwords.matches(None, "a password that nobody has")

    async def test_may_hold_any_letters_and_is_never_cut(self, passwords: UtilityPasswords) -> None:
        long = "ß" * 127 + "🔋"
        hashed = await passwords.slow_hash(long)
        assert await passwords.matches(hashed, long)
        assert not await passwords.matches(hashed, long[:-1])

    def test_is_refused_where_it_is_on_the_list_whatever_its_case(self, passwords: UtilityPasswords) -> None:
        assert passwords.is_common("Password1") and passwords.is_common("qwertyuiop")
        assert not passwords.is_common("correct horse battery")


class WhatMayBeMeant:
    async def test_opens_by_any_of_it_in_one_turn(self, argon: ArgonPasswords, passwords: UtilityPasswords) -> None:
        hashed = await passwords.slow_hash("correct horse")
        argon._waiting = WAITING - 1
        assert await passwords.matches(hashed, "correct horse ", "correct horse")
        assert not await passwords.matches(hashed, "correct horse ", "incorrect horse")
        assert not await passwords.matches(None, "a password that nobody has ", "a password that nobody has")


class TheThreads:
    async def test_refuse_more_than_can_be_served_in_time(self, passwords: UtilityPasswords) -> None:
        asked = [passwords.matches(None, "x") for _ in range(WAITING + 5)]
        results = await asyncio.gather(*asked, return_exceptions=True)
        assert sum(isinstance(result, PasswordsBusy) for result in results) == 5


class AMachineMadePassword:
    def test_is_kept_as_a_keyed_hash(self, passwords: UtilityPasswords) -> None:
        assert passwords.keyed("abc") == UtilitySecrets(bytes(32), "test").password_verifier("abc")
        assert passwords.keyed("abc") != UtilitySecrets(bytes(32), "other").password_verifier("abc")
