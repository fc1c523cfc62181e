"""How the operator wants planning done, and the environment that follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mrbot.errors import BadSettings
from mrbot.plan.precheck import PlanTimeRules
from mrbot.plan.process import Limits
from mrbot.plan.settle import SEARCH_PATH
from mrbot.plan.workplace import Workplace
from mrbot.secret import Secret

PLAN_LIMITS = Limits(seconds=900)
APPLY_LIMITS = Limits(seconds=3600, interrupt_grace=120, terminate_grace=10)
"""An apply that is interrupted needs time to write its state."""

_OURS = ("TF_DATA_DIR", "TF_CLI_ARGS", "TF_CLI_CONFIG_FILE", "TF_INPUT", "HOME", "TMPDIR")
_TELLS = ("TF_LOG",)


@dataclass(frozen=True, slots=True, kw_only=True)
class TerraformSettings:
    """`work` holds every run's directories, apart from the bot's own.

    `environment` is all that plans and applies see beside what mrbot sets; `apply_environment` is
    added for applies, so that plans can do with rights to read. `lock_timeout` is in seconds.
    `cli_config` is the content of Terraform's CLI configuration. `plugin_cache` is shared by all
    plans, any of which may write to it: without provider locks, one plan could feed another.

    Raises: BadSettings for a variable that mrbot must set itself or that prints secrets.
    """

    work: Path
    environment: Mapping[str, Secret] = field(default_factory=dict)
    apply_environment: Mapping[str, Secret] = field(default_factory=dict)
    plan_limits: Limits = PLAN_LIMITS
    apply_limits: Limits = APPLY_LIMITS
    lock_timeout: int = 30
    cli_config: bytes = b""
    plugin_cache: Path | None = None
    rules: PlanTimeRules = field(default_factory=PlanTimeRules)

    def __post_init__(self) -> None:
        """Every variable is one that may be given."""
        problems = []
        for name in sorted({*self.environment, *self.apply_environment}):
            if name.startswith(_OURS):
                problems.append(f"{name} cannot be given to plans: mrbot sets it itself")
            elif name.startswith(_TELLS):
                problems.append(
                    f"{name} cannot be given to plans: it makes Terraform print secrets"
                )
            elif not name.isidentifier():
                problems.append(f"{name!r} is no name of an environment variable")
        if problems:
            raise BadSettings(*problems)


def clean_environment(
    settings: TerraformSettings, place: Workplace, extra: Mapping[str, Secret]
) -> dict[str, str]:
    """All that the tool sees of an environment; nothing of the bot's own is in it.

    Source: https://developer.hashicorp.com/terraform/cli/config/environment-variables
    """
    fixed = {
        "HOME": str(place.home),
        "TMPDIR": str(place.tmp),
        "CHECKPOINT_DISABLE": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "TF_CLI_CONFIG_FILE": str(place.cli_config),
        "TF_IN_AUTOMATION": "1",
        "TF_INPUT": "0",
    }
    if settings.plugin_cache is not None:
        fixed["TF_PLUGIN_CACHE_DIR"] = str(settings.plugin_cache)
    given = {name: value.reveal() for name, value in {**settings.environment, **extra}.items()}
    return {"PATH": SEARCH_PATH, "LANG": "C.UTF-8"} | given | fixed
