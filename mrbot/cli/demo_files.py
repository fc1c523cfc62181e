"""The demo's repository, its changes, and the settings of its mrbot."""

from __future__ import annotations

from pathlib import Path

_RULES = """\
version: 1
projects:
  - {name: services, directory: infra/services, kind: terraform, environment: production, deploy: pipeline}
  - {name: storage, directory: infra/storage, kind: terraform, environment: storage, plan: never}
approvals:
  - name: platform owns infrastructure
    when: {paths: ["infra/**"]}
    require: {count: 1, groups: [acme/platform]}
otherwise:
  require: {count: 1}
deployments:
  production:
    %(target)s
"""

_TARGETS = {
    "gitlab": 'pipeline: {variables: {DEPLOY_ENVIRONMENT: "production"}}',
    "github": "workflow: {file: deploy.yml}",
}

_CI = """\
deploy:
  script: ["terraform -chdir=infra/services apply"]
  rules:
    - if: $MRBOT_INTENT
"""

_WORKFLOW = """\
name: deploy
run-name: deploy ${{ inputs.mrbot_intent }}
on:
  workflow_dispatch:
    inputs:
      mrbot_intent: {required: true, type: string}
      mrbot_sha: {required: true, type: string}
permissions: {contents: read}
jobs:
  deploy:
    runs-on: ubuntu-24.04
    steps:
      - run: terraform -chdir=infra/services apply
"""

_SERVICES = """\
terraform {
  required_version = ">= 1.4"
  backend "local" {
    path = "%(state)s/services.tfstate"
  }
}
"""


def repository_files(host: str, state: Path) -> dict[str, str]:
    """The repository as it is before the story begins."""
    files = {
        ".mrbot.yml": _RULES % {"target": _TARGETS[host]},
        "README.md": "# Infrastructure of Acme\n",
        "infra/services/main.tf": _SERVICES % {"state": state},
        "infra/storage/main.tf": _STORAGE,
    }
    if host == "gitlab":
        files[".gitlab-ci.yml"] = _CI
    else:
        files[".github/workflows/deploy.yml"] = _WORKFLOW
    return files


_STORAGE = """\
terraform {
  required_version = ">= 1.4"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
}
"""

_BUCKET = """\
resource "aws_s3_bucket" "reports" {
  bucket = "acme-reports"
}

resource "aws_s3_bucket_public_access_block" "reports" {
  bucket                  = aws_s3_bucket.reports.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_acl" "reports" {
  bucket = aws_s3_bucket.reports.id
  acl    = "%s"
}
"""

PROPOSAL = {
    "infra/services/services.tf": """\
resource "terraform_data" "network" {
  input = { cidr = "10.0.0.0/16" }
}

resource "terraform_data" "cluster" {
  input            = { nodes = 3 }
  triggers_replace = [terraform_data.network.id]
}

resource "terraform_data" "service" {
  input      = { image = "registry.example.com/app:1.4.2" }
  depends_on = [terraform_data.cluster]
}
""",
    "infra/storage/reports.tf": _BUCKET % "public-read",
}
"""What Alice proposes at first: a bucket that everybody may read."""

FIX = {"infra/storage/reports.tf": _BUCKET % "private"}
"""What she pushes after mrbot has told her."""


def settings_text(host: str, url: str, port: int, state: Path, terraform_state: Path) -> str:
    """The settings of the demo's mrbot. Plans run as whoever runs the demo where nothing stronger
    works: what is planned is the demo's own."""
    secret = "token" if host == "gitlab" else "secret"
    return f"""\
state: {state}
listen: 127.0.0.1:{port}
public_url: http://localhost:{port}
hosts:
  - name: {host}
    kind: {host}
    url: {url}
    projects: ["acme/**"]
    token: {{env: DEMO_TOKEN}}
    webhook: {{{secret}: {{env: DEMO_HOOK}}}}
plan:
  isolation: none
  writable_paths: ["{terraform_state}"]
policy_owners: {{users: [kim]}}
poll: 10
"""
