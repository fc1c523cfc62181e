"""Plan JSON for tests: by hand, and from a real terraform."""

import hashlib
import hmac
import json
import subprocess

from mrbot.plan.tool import settle_tool
from tests import needs


def keyed_digest(text):
    return hmac.new(b"test key", text.encode(), hashlib.sha256).hexdigest()


def resource(address="aws_x.a", actions=("update",), before=None, after=None, **rest):
    """A resource change; what `change` may hold goes by keyword."""
    entry = ("previous_address", "deposed", "index", "module_address", "action_reason")
    change = {
        "actions": list(actions),
        "before": before,
        "after": after,
        "after_unknown": {},
        "before_sensitive": {},
        "after_sensitive": {},
        **{k: v for k, v in rest.items() if k not in entry},
    }
    return {
        "address": address,
        "mode": "managed",
        "type": address.split("[")[0].split(".")[-2],
        "name": address.split("[")[0].split(".")[-1],
        "provider_name": "registry.terraform.io/hashicorp/aws",
        "change": change,
        **{k: v for k, v in rest.items() if k in entry},
    }


def plan(*changes, **sections):
    return {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "timestamp": "2026-11-22T21:10:00Z",
        "resource_changes": list(changes),
        **sections,
    }


class Terraform:
    """A working directory with local state."""

    def __init__(self, directory):
        needs.terraform()
        self.directory = directory
        self.command = settle_tool().command
        (directory / "empty.rc").touch()

    def write(self, text, name="main.tf"):
        (self.directory / name).write_text(text)

    def run(self, *arguments):
        environment = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(self.directory),
            "TF_CLI_CONFIG_FILE": str(self.directory / "empty.rc"),
            "CHECKPOINT_DISABLE": "1",
            "TF_IN_AUTOMATION": "1",
        }
        done = subprocess.run(
            [*self.command, *arguments],
            cwd=self.directory,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def plan(self, *arguments):
        """The plan's JSON, and what Terraform printed of it."""
        self.run("init", "-input=false", "-no-color")
        said = self.run("plan", "-input=false", "-no-color", "-out=p", *arguments)
        return json.loads(self.run("show", "-json", "p")), said

    def apply(self):
        self.run("apply", "-input=false", "-no-color", "p")
