"""The organisation's rules, which hold for every repository beside the repository's own."""

from __future__ import annotations

from mrbot.config.rulefile import parse_rules
from mrbot.config.settings_value import Settings
from mrbot.config.strict import MAX_BYTES
from mrbot.decision.ruleset import RuleSet
from mrbot.errors import BadRules, Problem

ORIGIN = "organisation"
"""What people are told these rules are."""


def organisation_rules(settings: Settings) -> RuleSet:
    """The rules in the file that the settings name, else those that ship with mrbot.

    Raises: BadRules with every problem, also when the file cannot be read.
    """
    path = settings.rules
    try:
        with path.open("rb") as file:
            text = file.read(MAX_BYTES + 1)
    except OSError as error:
        message = f"the organisation's rules cannot be read: {error.strerror}"
        raise BadRules(Problem(str(path), 0, message)) from error
    return parse_rules(text, str(path), ORIGIN, names_elsewhere=True)
