"""Settings: every one is read in one place, has a default, and says what is wrong with a value that cannot be meant."""

from __future__ import annotations

import pytest

from config import SettingNotUsable, Settings

BLUE = {
    "SEED_UTILITIES": "blue",
    "SEED_UTILITY_BLUE_JUICE_URL": "https://juice.example/u/blue/",
    "SEED_UTILITY_BLUE_JUICE_KEY": "a key",
    "SEED_UTILITY_BLUE_HOSTS": "blue.example, WWW.blue.example",
}


class Defaults:
    def test_suit_a_developers_machine(self):
        settings = Settings.from_environment({})
        assert (settings.host, settings.port) == ("127.0.0.1", 8000)
        assert settings.url == "http://127.0.0.1:8000"
        assert settings.database_url is None
        assert settings.cookies_are_secure is False

    def test_stand_in_for_what_is_empty(self):
        assert Settings.from_environment({"PORT": " ", "SEED_UTILITIES": ""}) == Settings.from_environment({})


class AUtility:
    def test_brings_its_own_juice_and_host_names(self):
        (utility,) = Settings.from_environment(BLUE).utilities
        assert utility.juice_url == "https://juice.example/u/blue"
        assert utility.hosts == ("blue.example", "www.blue.example")

    @pytest.mark.parametrize("missing", ["SEED_UTILITY_BLUE_JUICE_URL", "SEED_UTILITY_BLUE_JUICE_KEY"])
    def test_without_its_juice_is_refused(self, missing):
        with pytest.raises(SettingNotUsable, match=missing):
            Settings.from_environment({**BLUE, missing: ""})


class AUtilitysCreditCards:
    CARDS = {"SEED_UTILITY_BLUE_CARDS_KEY": "sk_live_hunter2", "SEED_UTILITY_BLUE_CARDS_WEBHOOK_SECRET": "whsec_hunter2"}

    def test_are_not_taken_without_a_key(self):
        (utility,) = Settings.from_environment(BLUE).utilities
        assert (utility.cards_key, utility.cards_webhook_secret, utility.cards_url) == (None, None, None)

    def test_are_paid_at_stripe_itself_unless_another_address_is_named(self):
        (utility,) = Settings.from_environment({**BLUE, **self.CARDS}).utilities
        assert (utility.cards_key, utility.cards_url) == ("sk_live_hunter2", None)
        elsewhere = {"SEED_UTILITY_BLUE_CARDS_URL": "http://127.0.0.1:8100/"}
        (utility,) = Settings.from_environment({**BLUE, **self.CARDS, **elsewhere}).utilities
        assert utility.cards_url == "http://127.0.0.1:8100" and "hunter2" not in repr(utility)

    def test_need_the_secret_of_their_webhooks(self):
        with pytest.raises(SettingNotUsable, match="^SEED_UTILITY_BLUE_CARDS_WEBHOOK_SECRET "):
            Settings.from_environment({**BLUE, **self.CARDS, "SEED_UTILITY_BLUE_CARDS_WEBHOOK_SECRET": ""})

    def test_need_an_address_that_is_one(self):
        with pytest.raises(SettingNotUsable, match="^SEED_UTILITY_BLUE_CARDS_URL "):
            Settings.from_environment({**BLUE, **self.CARDS, "SEED_UTILITY_BLUE_CARDS_URL": "stripe"})


class Cookies:
    def test_are_secure_where_people_come_by_https(self):
        assert Settings.from_environment({"SEED_PUBLIC_URL": "https://portal.example"}).cookies_are_secure

    def test_are_as_they_are_told_otherwise(self):
        said = {"SEED_PUBLIC_URL": "https://portal.example", "SEED_SECURE_COOKIES": "no"}
        assert not Settings.from_environment(said).cookies_are_secure


class AValueThatCannotBeMeant:
    @pytest.mark.parametrize(
        "name, value",
        [
            ("PORT", "eighty"),
            ("PORT", "65536"),
            ("PORT", "-1"),
            ("SEED_WEB_WORKERS", "0"),
            ("SEED_PUBLIC_URL", "portal.example"),
            ("SEED_SECURE_COOKIES", "maybe"),
            ("SEED_TRUSTED_PROXIES", "10.0.0.0/33"),
            ("DATABASE_URL", "mysql://localhost/seed"),
            ("SEED_MASTER_KEY", "hunter2"),
            ("SEED_UTILITIES", "Blue"),
            ("SEED_UTILITIES", "blue,blue"),
            ("SEED_LOG_LEVEL", "loud"),
        ],
    )
    def test_is_refused_by_the_settings_name(self, name, value):
        with pytest.raises(SettingNotUsable, match=f"^{name} ") as refused:
            Settings.from_environment({name: value})
        assert "\n" not in str(refused.value)

    @pytest.mark.parametrize("name", ["DATABASE_URL", "SEED_MASTER_KEY"])
    def test_is_not_repeated_where_it_may_be_a_secret(self, name):
        with pytest.raises(SettingNotUsable) as refused:
            Settings.from_environment({name: "hunter2"})
        assert "hunter2" not in str(refused.value)


class ASettingsRepr:
    def test_shows_no_secret(self):
        settings = Settings.from_environment({**BLUE, "SEED_SMTP_PASSWORD": "hunter2"})
        shown = repr(settings) + repr(settings.utilities)
        assert "hunter2" not in shown
        assert "a key" not in shown
