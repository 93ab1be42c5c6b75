"""`seed analyst` beside a replica."""

from __future__ import annotations

from click.testing import CliRunner

from cli.analyst import analyst
from config import Settings

REPLICA = "postgresql://seed:of-the-owner@replica.example:5433/seed"


class AnAnalystBesideAReplica:
    def test_is_told_its_address_and_not_the_owners_password(self, utility_database: str) -> None:
        environment = {
            "DATABASE_URL": utility_database,
            "SEED_REPLICA_URL": REPLICA,
            "SEED_MASTER_KEY": bytes(32).hex(),
            "SEED_UTILITIES": "test",
            "SEED_UTILITY_TEST_JUICE_URL": "http://juice.example",
            "SEED_UTILITY_TEST_JUICE_KEY": "k",
        }
        settings = Settings.from_environment(environment)
        try:
            told = CliRunner().invoke(analyst, ["add", "ann", "--utility", "test"], obj=settings, catch_exceptions=False)
            assert "psql 'user=analyst_test_ann dbname=seed host=replica.example port=5433'" in told.output
            assert "of-the-owner" not in told.output and "SEED_REPLICA_URL" in told.output
        finally:
            CliRunner().invoke(analyst, ["remove", "ann", "--utility", "test"], obj=settings)
