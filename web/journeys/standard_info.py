"""What the info page says while the utility has written nothing of its own: about cards, tokens and arrears (journey 7)."""

from __future__ import annotations

from wording.catalogue import catalogue


def source(language: str, arrears_share: int) -> str:
    """This will give the text in a language, as Markdown; `arrears_share` is the percentage that goes to arrears as a rule."""
    _ = catalogue(language).gettext
    owed = _("Arrears are paid first: as a rule, %(share)s percent of each purchase goes to what is owed until it is paid.")
    return "\n\n".join(
        (
            "# " + _("Juice cards and tokens"),
            _(
                "A Juice card is worth what its amount says, once."
                " Redeem it here with its serial number and the code under the silver field."
            ),
            _(
                "A meter with a keypad needs the token: 20 digits, entered in the order in which they are shown."
                " For a meter without one there is nothing to enter: the money goes into the wallet."
            ),
            "# " + _("What is owed"),
            owed % {"share": arrears_share},
            "# " + _("Keep your card safe"),
            _("Whoever knows the code can use the card. We never ask for it by phone, e-mail or message."),
        )
    )
