"""`mrbot init`: first files that can be used, and nothing overwritten."""

from __future__ import annotations

import pytest

from mrbot.cli.init import init
from mrbot.config.rulefile import parse_rules
from mrbot.config.settings import load_settings


def test_an_empty_directory_gets_rules_and_settings_that_can_be_read(tmp_path, run):
    result = run(init, tmp_path)
    assert result.exit_code == 0
    parse_rules((tmp_path / ".mrbot.yml").read_bytes(), ".mrbot.yml", "test")
    load_settings(tmp_path / "mrbot.yml", {"GITLAB_TOKEN": "t", "GITLAB_WEBHOOK_TOKEN": "w"})
    assert "mrbot doctor" in result.stdout
    assert "mrbot review" in result.stdout


def test_projects_are_found(tmp_path, run):
    (tmp_path / "infra" / "prod").mkdir(parents=True)
    (tmp_path / "infra" / "prod" / "main.tf").write_text("")
    (tmp_path / ".terraform").mkdir()
    (tmp_path / ".terraform" / "main.tf").write_text("")
    result = run(init, tmp_path)
    assert "1 projects found" in result.stdout
    rules = parse_rules((tmp_path / ".mrbot.yml").read_bytes(), ".mrbot.yml", "test")
    assert [project.directory for project in rules.projects] == ["infra/prod"]


@pytest.mark.parametrize(
    ("folders", "options", "kind"),
    [
        ((), (), "gitlab"),
        ((".github",), (), "github"),
        ((".github",), ("--host", "gitlab"), "gitlab"),
    ],
    ids=["nothing", "guessed", "said"],
)
def test_the_host_is_guessed_or_said(tmp_path, run, folders, options, kind):
    for folder in folders:
        (tmp_path / folder).mkdir()
    run(init, tmp_path, *options)
    assert f"kind: {kind}" in (tmp_path / "mrbot.yml").read_text()


def test_nothing_is_ever_overwritten(tmp_path, run):
    (tmp_path / ".mrbot.yml").write_text("mine")
    (tmp_path / "elsewhere").write_text("theirs")
    (tmp_path / "mrbot.yml").symlink_to(tmp_path / "elsewhere")
    result = run(init, tmp_path)
    assert result.exit_code == 0
    assert result.stdout.count("it is there already") == 2
    assert (tmp_path / ".mrbot.yml").read_text() == "mine"
    assert (tmp_path / "elsewhere").read_text() == "theirs"


def test_the_address_of_the_host_can_be_said(tmp_path, run):
    run(init, tmp_path, "--url", "https://git.example.org")
    assert "https://git.example.org" in (tmp_path / "mrbot.yml").read_text()
