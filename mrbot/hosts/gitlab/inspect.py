"""What a GitLab project is set to: read for `mrbot doctor`, never changed.

Sources: https://docs.gitlab.com/api/projects/, /api/project_webhooks/, /api/protected_branches/
"""

from __future__ import annotations

from mrbot.change.reader import Role
from mrbot.decision.glob import matches_name
from mrbot.errors import HostFailure
from mrbot.hosts.answers import Answer
from mrbot.hosts.gitlab.connection import Connection, Part, project
from mrbot.hosts.gitlab.reader import GitLabReader
from mrbot.hosts.inspection import Expected, Inspected, missing, ok, warning
from mrbot.ids import RepoId

_EVENTS = {
    "merge_requests_events": "Merge request events", "note_events": "Comments",
    "push_events": "Push events", "pipeline_events": "Pipeline events",
}  # fmt: skip
"""What mrbot listens to, and what the web form calls it."""

_LEVELS = {0: "nobody", 30: "Developers", 40: "Maintainers", 50: "Owners", 60: "instance admins"}
"""Source: https://docs.gitlab.com/api/protected_branches/"""

SPOOFABLE = (
    "the status holds the merge against mistakes, not against malice: anybody with the Developer "
    "role may set a status of the same name on an unprotected source branch"
)
"""Sources: https://docs.gitlab.com/api/commits/, gitlab-org/gitlab#443254"""


class GitLabInspector(Part):
    """Implements `Inspector`. Four calls a project."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._reader = GitLabReader(connection)

    def inspect(self, repo: RepoId, expected: Expected) -> tuple[Inspected, ...]:
        """See `Inspector.inspect`."""
        try:
            found = self._connection.get(project(repo))
            branch = found.text_or_none("default_branch")
        except HostFailure as error:
            mend = "check its path, and make the bot's account a member"
            return (missing("repository", str(error), mend),)
        return (
            ok("repository", f"is there; its default branch is {branch or '(none)'}"),
            self._role(repo),
            *self._hooks(repo, expected),
            _gate(found, expected, branch),
            *([] if branch is None else self._protection(repo, branch)),
        )

    def _role(self, repo: RepoId) -> Inspected:
        try:
            role = self._reader.role(repo, self.identity())
        except HostFailure as error:
            return missing("role", str(error), "make the bot's account a member")
        rank = Role.RANK.index(role)
        if rank >= Role.RANK.index("maintain"):
            return ok("role", f"the bot is {'Owner' if role == 'admin' else 'Maintainer'}")
        if rank >= Role.RANK.index("write"):
            return warning(
                "role",
                "the bot is Developer: it cannot set statuses on protected branches, start "
                "pipelines on them, or read webhooks and protection",
                "make it Maintainer",
            )
        return missing(
            "role", f"the bot may only {role}: it can set no status", "make it Maintainer"
        )

    def _hooks(self, repo: RepoId, expected: Expected) -> list[Inspected]:
        if not expected.hook_urls:
            return []
        mend = (
            f"Settings > Webhooks: add {expected.hook_urls[0]} with {', '.join(_EVENTS.values())}"
        )
        try:
            hooks = list(self._connection.items(f"{project(repo)}/hooks"))
            ours = [one for one in hooks if one.text("url").rstrip("/") in expected.hook_urls]
        except HostFailure as error:
            return [warning("webhook", f"cannot be looked up: {error}", mend)]
        if not ours:
            found = "there is none with our address (a group's own cannot be seen from here)"
            return [missing("webhook", found, mend)]
        return [_hook(one) for one in ours]

    def _protection(self, repo: RepoId, branch: str) -> list[Inspected]:
        mend = "Settings > Repository > Protected branches: allowed to push: No one"
        try:
            rules = [
                one
                for one in self._connection.items(f"{project(repo)}/protected_branches")
                if matches_name(one.text("name"), branch)
            ]
            pushers = sorted({_who(level) for rule in rules for level in _levels(rule, "push")})
        except HostFailure as error:
            return [warning("protection", f"cannot be looked up: {error}", mend)]
        if not rules:
            found = f"{branch} is not protected: every Developer may push past the gate"
            return [missing("protection", found, mend)]
        # Of several rules that match, the most permissive counts.
        if pushers := [who for who in pushers if who != "nobody"]:
            found = f"{' and '.join(pushers)} may push to {branch} past the gate"
            return [warning("protection", found, mend)]
        return [ok("protection", f"nobody may push to {branch}: changes come by merge alone")]


def _gate(found: Answer, expected: Expected, branch: str | None) -> Inspected:
    status = expected.status(branch or "main")
    try:
        holds = found.flag_or_none("only_allow_merge_if_pipeline_succeeds")
        skipped = found.flag_or_none("allow_merge_on_skipped_pipeline")
    except HostFailure as error:
        return missing("gate", str(error), "check that mrbot supports this GitLab's version")
    if not holds:
        return missing(
            "gate",
            f"the status {status} does not hold the merge",
            "Settings > Merge requests: tick 'Pipelines must succeed'",
        )
    if skipped:
        return missing(
            "gate",
            "a skipped pipeline lets a merge through: [skip ci] in a commit message is enough",
            "Settings > Merge requests: untick 'Skipped pipelines are considered successful'",
        )
    return warning(
        "gate",
        f"'Pipelines must succeed' is on; {SPOOFABLE}",
        "let only people merge who may be trusted to (Protected branches: allowed to merge); "
        "mrbot deploys nothing that it did not approve itself",
    )


def _hook(hook: Answer) -> Inspected:
    absent = [label for name, label in _EVENTS.items() if not hook.flag_or_none(name)]
    alert = hook.text_or_none("alert_status") or "executable"
    mend = "Settings > Webhooks: edit it"
    if alert != "executable":
        until = hook.text_or_none("disabled_until")
        found = f"GitLab switched it off ({alert}{f' until {until}' if until else ''})"
        return missing("webhook", found, f"{mend}: see its recent events, then test it")
    if absent:
        return missing("webhook", f"does not tell of: {', '.join(absent)}", f"{mend} and tick them")
    if hook.flag_or_none("enable_ssl_verification") is False:
        found = "does not check our certificate: its secret may be told to somebody else"
        return warning("webhook", found, f"{mend} and tick 'Enable SSL verification'")
    if hook.text_or_none("push_events_branch_filter"):
        found = "filters pushes by branch: changes into other branches are judged late"
        return warning("webhook", found, f"{mend}: push events of all branches")
    return ok("webhook", "is there, enabled, and tells of all that mrbot listens to")


def _levels(rule: Answer, kind: str) -> tuple[Answer, ...]:
    return rule.parts(f"{kind}_access_levels")


def _who(level: Answer) -> str:
    for name, what in (("user_id", "user"), ("group_id", "group"), ("deploy_key_id", "deploy key")):
        number = level.number_or_none(name)
        if number is not None:
            return f"{what} {number}"
    role = level.number_or_none("access_level")
    return _LEVELS.get(role or 0, f"access level {role}")
