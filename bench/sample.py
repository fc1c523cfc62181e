"""The repositories that are measured: made with git itself, the same bytes every time."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from mrbot.change.snapshot import ChangeState, HostChange
from mrbot.ids import ChangeId, Person, RepoId, Sha

_SIGNED = "Bench <bench@example.com> 1700000000 +0000"

_TERRAFORM = """\
resource "aws_db_instance" "orders_{n}" {{
  identifier              = "orders-{n}"
  engine                  = "postgres"
  instance_class          = "db.t4g.medium"
  allocated_storage       = {size}
  storage_encrypted       = {flag}
  multi_az                = true
  backup_retention_period = 7
  deletion_protection     = true
  vpc_security_group_ids  = [aws_security_group.orders.id]

  tags = {{
    team = "orders"
    cost = "{n}"
  }}
}}
"""

_KUBERNETES = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: orders-{n}
  namespace: shop
  labels: {{app: orders, part: "{n}"}}
spec:
  replicas: {size}
  selector:
    matchLabels: {{app: orders, part: "{n}"}}
  template:
    metadata:
      labels: {{app: orders, part: "{n}"}}
    spec:
      containers:
        - name: orders
          image: registry.example.com/orders:1.{size}
          securityContext: {{privileged: false, readOnlyRootFilesystem: {flag}}}
          resources:
            requests: {{cpu: 100m, memory: 128Mi}}
            limits: {{memory: 256Mi}}
          ports: [{{containerPort: 8080}}]
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A repository with two commits: branch `main`, and branch `change` on top of it."""

    directory: Path
    base: str
    head: str


def infrastructure(directory: Path, count: int) -> Sample:
    """`count` files of one resource each, Terraform and Kubernetes in turn; the change alters two
    lines of every one, and in one of ten what the policies that ship object to."""

    def text(number: int, *, changed: bool) -> str:
        layout = _KUBERNETES if number % 2 else _TERRAFORM
        bad = changed and number % 10 < 2
        return layout.format(n=number, size=30 if changed else 20, flag=str(not bad).lower())

    def path(number: int) -> str:
        kind = f"k8s/{number // 100}/orders-{number}.yaml"
        return kind if number % 2 else f"terraform/{number // 100}/orders-{number}.tf"

    before = {path(number): text(number, changed=False) for number in range(count)}
    after = {path(number): text(number, changed=True) for number in range(count)}
    return _made(directory, before, after, ())


def large_diff(directory: Path, megabytes: int) -> Sample:
    """A change whose patch has about `megabytes`: files of 128 KiB in which every line differs, a
    third each of Terraform, Kubernetes manifests and plain configuration."""

    def text(number: int, *, changed: bool) -> str:
        size, flag = (30, "false") if changed else (20, "true")
        match number % 3:
            case 0:
                parts = (_TERRAFORM, 5 * number, 350, "\n")
            case 1:
                parts = (_KUBERNETES, 5 * number, 190, "---\n")
            case _:
                parts = (
                    "key_{n} = value {n} of {size} {flag} for whoever reads it\n",
                    0,
                    2_400,
                    "",
                )
        layout, first, count, between = parts
        one = between.join(
            layout.format(n=f"{first + n}-{size}", size=size, flag=flag) for n in range(count)
        )
        return one.replace("  ", "   ") if changed and number % 3 == 0 else one

    def path(number: int) -> str:
        return f"large/{number}{('.tf', '.yaml', '.conf')[number % 3]}"

    numbers = range(megabytes * 4)
    before = {path(number): text(number, changed=False) for number in numbers}
    after = {path(number): text(number, changed=True) for number in numbers}
    return _made(directory, before, after, ())


def many_files(directory: Path, count: int) -> Sample:
    """`count` changed files: of twenty 16 altered, two added, one removed, one renamed."""

    def text(number: int, *, changed: bool) -> str:
        return f"file {number}\n" + "a line\n" * 20 + ("another line\n" if changed else "")

    before, after, gone = {}, {}, []
    for number in range(count):
        path = f"src/{number // 100}/file-{number}.txt"
        match number % 20:
            case 0 | 1:
                after[path] = text(number, changed=True)
            case 2:
                before[path] = text(number, changed=False)
                gone.append(path)
            case 3:
                before[path] = text(number, changed=False)
                gone.append(path)
                after[f"moved/{number}.txt"] = before[path]
            case _:
                before[path], after[path] = text(number, changed=False), text(number, changed=True)
    return _made(directory, before, after, gone)


def git(directory: Path, *arguments: str, stdin: bytes = b"") -> bytes:
    """What git printed, with nobody's own settings.

    Raises: subprocess.CalledProcessError.
    """
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
    }
    return subprocess.run(
        ["git", *arguments],
        cwd=directory,
        env=environment,
        input=stdin,
        stdout=subprocess.PIPE,
        check=True,
    ).stdout


def host_change(head: str) -> HostChange:
    """What a host would say of a change to `head`."""
    return HostChange(
        id=ChangeId(RepoId("local", "bench"), 1),
        title="",
        description="",
        author=Person(id="alice", login="alice"),
        state=ChangeState.OPEN,
        draft=False,
        source_branch="change",
        target_branch="main",
        head=Sha(head),
        from_fork=False,
        labels=(),
        web_url="",
    )


def _made(
    directory: Path, before: Mapping[str, str], after: Mapping[str, str], gone: Iterable[str]
) -> Sample:
    directory.mkdir()
    git(directory, "init", "--quiet", "--bare", "--initial-branch=main")
    stream = [_commit("main", 1, ()), *map(_file, before, before.values())]
    stream += [_commit("change", 2, ("from :1",)), *(f"D {path}\n".encode() for path in gone)]
    stream += map(_file, after, after.values())
    git(directory, "fast-import", "--quiet", stdin=b"".join(stream))
    base, head = git(directory, "rev-parse", "main", "change").decode().split()
    return Sample(directory=directory, base=base, head=head)


def _commit(branch: str, mark: int, more: tuple[str, ...]) -> bytes:
    lines = [f"commit refs/heads/{branch}", f"mark :{mark}", f"committer {_SIGNED}", "data 0"]
    return "\n".join([*lines, *more, ""]).encode()


def _file(path: str, text: str) -> bytes:
    content = text.encode()
    return b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(content), content)
