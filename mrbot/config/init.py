"""The text of a first rule file and of first settings, for `mrbot init`."""

from __future__ import annotations

import json

from mrbot.config.detect import MAX_DETECTED, Detected
from mrbot.config.host_model import DEFAULT_URLS
from mrbot.ids import HostKind

_HEAD = """\
# The rules by which mrbot judges changes to this repository. They are read from the target branch:
# a change to this file is judged by the old rules and the new ones.
version: 1
"""

_NO_PROJECTS = """
# What is planned and deployed. Nothing here looked like a project; one would be:
# projects:
#   - name: network-prod
#     directory: infra/prod        # from the root
#     kind: terraform              # terraform | kubernetes | helm | files
#     environment: production
#     deploy: none                 # pipeline | apply-before-merge | none
"""

_PROJECTS = """
# What is planned and deployed, guessed from the names of files: look it over, environments above
# all. `deploy` says who changes an environment: pipeline | apply-before-merge | none.
projects:
"""

_APPROVALS = """
# Who has to approve what. Every rule that applies has to be met; contributors never count.
approvals:
  - name: deletions are seen by two
    when: {actions: [delete, replace]}
    require: {count: 2}
"""

_OTHERWISE = """
# What is needed where no rule applies: a `require`, `approved` or `rejected`.
otherwise:
  require: {count: 1}

# Whether CODEOWNERS asks for approvals too: true | false | github | gitlab.
codeowners: false

# Rego policies of this repository, beside the server's:
# policies:
#   - directory: policies
#     input: change                # change | plan | document
#     namespaces: [main]
"""

_DEPLOYMENTS = """
# What is started once a change is merged, for each environment with `deploy: pipeline`:
# deployments:
#   production:
"""

_TARGETS = {
    HostKind.GITLAB: "#     pipeline: {variables: {ACTION: deploy}}\n",
    HostKind.GITHUB: "#     workflow: {file: deploy.yml, inputs: {environment: production}}\n",
    HostKind.LOCAL: "#     pipeline: {}                 # GitLab; GitHub: workflow or deployment\n",
}


def starter_rules(kind: HostKind, detected: tuple[Detected, ...] = ()) -> str:
    """A commented `.mrbot.yml` that `parse_rules` takes, with the projects that were detected."""
    production = any(project.environment == "production" for project in detected[:MAX_DETECTED])
    rule = """\
  - name: production is seen by two
    when: {environments: [production]}
    require: {count: 2}
"""
    return "".join(
        (
            _HEAD,
            _projects(detected) if detected else _NO_PROJECTS,
            _APPROVALS + (rule if production else ""),
            _OTHERWISE,
            _DEPLOYMENTS + _TARGETS[kind],
        )
    )


def _projects(detected: tuple[Detected, ...]) -> str:
    text = _PROJECTS
    for project in detected[:MAX_DETECTED]:
        text += (
            f"  - name: {json.dumps(project.name)}\n"
            f"    directory: {json.dumps(project.directory)}\n"
            f"    kind: {project.kind.value}\n"
            f"    environment: {project.environment}\n"
            "    deploy: none\n"
        )
    left = len(detected) - MAX_DETECTED
    return text + (
        f"  # {left} more directories look like projects: add them.\n" if left > 0 else ""
    )


_SETTINGS = """\
# The settings of an mrbot server. Secrets are never written here: {{env: NAME}} or {{file: /path}}.
state: /var/lib/mrbot
listen: 127.0.0.1:8080
# public_url: https://mrbot.example.org

hosts:
  - name: {kind}
    kind: {kind}
    url: {url}
    projects: ["CHANGE-ME/**"]     # the repositories mrbot works for
{login}
# Who has to approve changes to rules, policies, CODEOWNERS and CI files.
policy_owners:
  users: [CHANGE-ME]

# The organisation's rule file and policies; without them, one approval and the shipped policies.
# rules: /etc/mrbot/rules.yml
# policies: {{path: /etc/mrbot/policies, namespaces: [main]}}
"""

_LOGINS = {
    "gitlab": """\
    token: {env: GITLAB_TOKEN}     # scope api, role Maintainer
    webhook:
      token: {env: GITLAB_WEBHOOK_TOKEN}
""",
    "github": """\
    token: {env: GITHUB_TOKEN}     # better: app: {id: 1, private_key: {file: /etc/mrbot/app.pem}}
    webhook:
      secret: {env: GITHUB_WEBHOOK_SECRET}
""",
}


def starter_settings(kind: HostKind, url: str | None = None) -> str:
    """Commented settings for a server with one host; CHANGE-ME is for the operator.

    Raises: KeyError for a local repository, which needs no server.
    """
    where = json.dumps(url) if url else DEFAULT_URLS[kind.value]
    return _SETTINGS.format(kind=kind.value, url=where, login=_LOGINS[kind.value])
