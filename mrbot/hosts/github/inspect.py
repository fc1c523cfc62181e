"""What a GitHub repository is set to: read for `mrbot doctor`, never changed.

Sources: https://docs.github.com/rest/repos, /rest/repos/webhooks, /rest/branches/branches,
/rest/repos/rules
"""

from __future__ import annotations

from dataclasses import dataclass

from mrbot.errors import HostFailure
from mrbot.hosts.answers import Answer
from mrbot.hosts.github.connection import Connection, Part, owner, repository
from mrbot.hosts.inspection import Expected, Inspected, missing, ok, warning
from mrbot.hosts.transport import segment
from mrbot.ids import RepoId
from mrbot.secret import Secret

_EVENTS = ("pull_request", "pull_request_review", "issue_comment", "push")
"""What mrbot must be told of."""

_MORE_EVENTS = ("workflow_run", "deployment_status", "check_run")
"""What makes it quicker: deployments are followed, and checks asked for again."""

_NOT_CLICKED = -1
"""The app id of a check that anybody may set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Required:
    """One required check; `app` is the only App that may set it, None: anybody with write access."""

    name: str
    app: int | None


class GitHubInspector(Part):
    """Implements `Inspector`. Five calls a repository. `app` is the id of the App that mrbot is."""

    def __init__(self, connection: Connection, app: int | None) -> None:
        super().__init__(connection)
        self._app = app

    def inspect(self, repo: RepoId, expected: Expected) -> tuple[Inspected, ...]:
        """See `Inspector.inspect`."""
        try:
            found = self._connection.get(owner(repo), repository(repo))
            branch = found.text("default_branch")
        except HostFailure as error:
            return (missing("repository", str(error), "check its path, and give the bot access"),)
        return (
            ok("repository", f"is there; its default branch is {branch}"),
            self._role(found),
            *self._hooks(repo, expected),
            self._gate(repo, branch, expected.status(branch)),
            self._bypass(repo, branch),
        )

    def credential(self, repo: RepoId) -> Secret:
        """What git reads the repository with."""
        return self._connection.credential(owner(repo))

    def _role(self, found: Answer) -> Inspected:
        if self._app is not None:
            return ok("role", "what the App may do is set where it is installed")
        mend = "give the bot's account the role Write, or use a GitHub App"
        try:
            permissions = found.part_or_none("permissions")
            may_push = permissions is not None and permissions.flag_or_none("push")
        except HostFailure as error:
            return missing("role", str(error), mend)
        if not may_push:
            return missing("role", "the bot may not write: it can set no status", mend)
        return ok("role", "the bot may write")

    def _hooks(self, repo: RepoId, expected: Expected) -> list[Inspected]:
        if not expected.hook_urls:
            return []
        wanted = (
            f"{expected.hook_urls[0]} (application/json) with {', '.join(_EVENTS + _MORE_EVENTS)}"
        )
        place = "the App's settings" if self._app is not None else "Settings > Webhooks"
        mend = f"{place}: add {wanted}"
        try:
            hooks = list(self._connection.items(owner(repo), f"{repository(repo)}/hooks"))
            ours = [
                one
                for one in hooks
                if (one.part("config").text_or_none("url") or "").rstrip("/") in expected.hook_urls
            ]
            if ours:
                return [_hook(one) for one in ours]
        except HostFailure as error:
            if self._app is None:
                return [warning("webhook", f"cannot be looked up: {error}", mend)]
        if self._app is not None:
            found = "the App's own webhook cannot be seen from here"
            return [warning("webhook", found, f"{place}: it must be active and be {wanted}")]
        return [missing("webhook", "there is none with our address", mend)]

    def _gate(self, repo: RepoId, branch: str, status: str) -> Inspected:
        mend = f"Settings > Rules (or Branches): require the status check {status!r} on {branch}"
        try:
            required = self._required(repo, branch)
        except HostFailure as error:
            return warning("gate", f"cannot be looked up: {error}", mend)
        ours = [one for one in required if one.name == status]
        if not ours:
            return missing("gate", f"the status {status!r} does not hold the merge", mend)
        apps = {one.app for one in ours}
        if self._app is None:
            if apps != {None}:
                found = f"{status!r} is required of an App, and mrbot is none: it stays expected"
                return missing("gate", found, "use that App, or require it of any source")
            return warning(
                "gate",
                f"{status!r} holds the merge against mistakes, not against malice: anybody with "
                "write access may set it",
                "run mrbot as a GitHub App, and require the check of that App alone",
            )
        if self._app in apps:
            return ok("gate", f"{status!r} holds the merge, and only this App can set it")
        if apps == {None}:
            return warning(
                "gate",
                f"{status!r} holds the merge, and anybody with write access may set it",
                f"choose the App (id {self._app}) as the check's source",
            )
        return missing(
            "gate",
            f"{status!r} is required of App {', '.join(map(str, sorted(filter(None, apps))))}",
            f"choose this App (id {self._app}) as the check's source",
        )

    def _required(self, repo: RepoId, branch: str) -> list[_Required]:
        """Of the branch's protection and of every ruleset over it."""
        path, account = f"{repository(repo)}", owner(repo)
        name = segment(branch)
        found: list[_Required] = []
        protection = self._connection.get(account, f"{path}/branches/{name}").part_or_none(
            "protection"
        )
        checks = None if protection is None else protection.part_or_none("required_status_checks")
        # Where it is set so, the checks are named and nobody has to meet them.
        if checks is not None and checks.text_or_none("enforcement_level") != "off":
            found += [
                _Required(name=one.text("context"), app=_app(one.number_or_none("app_id")))
                for one in checks.parts("checks")
            ]
        for rule in self._connection.items(account, f"{path}/rules/branches/{name}"):
            if rule.text("type") == "required_status_checks":
                found += [
                    _Required(
                        name=one.text("context"), app=_app(one.number_or_none("integration_id"))
                    )
                    for one in rule.part("parameters").parts("required_status_checks")
                ]
        return found

    def _bypass(self, repo: RepoId, branch: str) -> Inspected:
        mend = "Settings > Branches: tick 'Do not allow bypassing the above settings'"
        path = f"{repository(repo)}/branches/{segment(branch)}/protection"
        try:
            admins = self._connection.get(owner(repo), path).part_or_none("enforce_admins")
            held = admins is not None and admins.flag_or_none("enabled")
        except HostFailure as error:
            found = f"whether admins may merge past the gate cannot be looked up: {error}"
            return warning("bypass", found, "look it up as an admin; rulesets name who may bypass")
        if not held:
            return warning("bypass", f"admins may merge into {branch} past the gate", mend)
        return ok("bypass", f"not even admins merge into {branch} past its protection")


def _app(number: int | None) -> int | None:
    return None if number == _NOT_CLICKED else number


def _hook(hook: Answer) -> Inspected:
    config, events = hook.part("config"), set(hook.texts("events"))
    mend = "Settings > Webhooks: edit it"
    if not hook.flag("active"):
        return missing("webhook", "is switched off", f"{mend} and tick 'Active'")
    if config.text_or_none("content_type") != "json":
        found = "sends forms, which mrbot does not read"
        return missing("webhook", found, f"{mend}: content type application/json")
    if absent := [one for one in _EVENTS if not {one, "*"} & events]:
        return missing("webhook", f"does not tell of: {', '.join(absent)}", f"{mend}: tick them")
    last = hook.part_or_none("last_response")
    code = None if last is None else last.number_or_none("code")
    if code is not None and code >= 400:
        return warning("webhook", f"its last delivery was answered {code}", "see its deliveries")
    if config.anything("insecure_ssl") in ("1", 1):
        found = "does not check our certificate"
        return warning("webhook", found, f"{mend}: enable SSL verification")
    if absent := [one for one in _MORE_EVENTS if not {one, "*"} & events]:
        found = f"does not tell of: {', '.join(absent)}; what they tell of is found by polling"
        return warning("webhook", found, f"{mend}: tick them")
    return ok("webhook", "is there, enabled, and tells of all that mrbot listens to")
