"""The JSON Schemas that editors complete and check the files with.

`python -m mrbot.config.schemas` writes them into the checkout's `config/schema`.
"""

from __future__ import annotations

import json

from mrbot.config.rule_model import RuleFile
from mrbot.config.settings_model import SettingsFile
from mrbot.config.shipped import shipped
from mrbot.config.strict import Strict, published

_MODELS: dict[str, type[Strict]] = {"rules.v1.json": RuleFile, "settings.v1.json": SettingsFile}


def schemas() -> dict[str, str]:
    """Each schema's file name and text."""
    return {
        name: json.dumps({"$id": name, **published(model)}, indent=2) + "\n"
        for name, model in _MODELS.items()
    }


def main() -> None:
    """The files in `config/schema` are what the models say."""
    for name, text in schemas().items():
        (shipped("config") / "schema" / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
