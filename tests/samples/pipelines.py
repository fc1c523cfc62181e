"""Pipelines of both hosts, as teams write them."""

GITLAB = """\
spec:
  inputs:
    stage:
      default: test
---
stages: [build, test, deploy]
default:
  image: "python:3.11"
  tags: [docker]
variables:
  DEPLOY_ENV: production
  DB_PASSWORD: hunter2-ci
  LEVEL: {value: "info", description: how much is said, options: [info, debug]}
include:
  - local: /ci/build.yml
  - project: group/templates
    ref: v1.2
    file: [/a.yml, /b.yml]
  - {component: "gitlab.com/components/sast@1.0", inputs: {stage: test}}
  - https://example.com/ci.yml
workflow:
  rules: [{if: '$CI_COMMIT_BRANCH == "main"'}]
.base: &base
  retry: {max: 2, when: [runner_system_failure]}
  before_script: [pip install -r requirements.txt]
build:
  <<: *base
  stage: build
  script:
    - make
    - |
      if true; then
        make more
      fi
  artifacts: {paths: [dist/], expire_in: 1 week}
test:
  extends: .base
  stage: $[[ inputs.stage ]]
  needs: [build]
  parallel: {matrix: [{PY: ["3.11", "3.12"]}]}
  script: [!reference [.base, before_script], pytest]
deploy:
  stage: deploy
  environment: {name: production, url: https://example.com}
  when: manual
  allow_failure: false
  variables: {API_TOKEN: tok-secret-1}
  script: [./deploy.sh]
pages: {script: [mkdocs build], artifacts: {paths: [public]}}
"""

GITHUB = """\
name: deploy
on:
  push: {branches: [main]}
  pull_request_target:
  workflow_dispatch:
    inputs: {environment: {type: choice, options: [staging, production]}}
permissions: {contents: read, id-token: write}
concurrency: {group: deploy, cancel-in-progress: true}
env:
  REGION: eu
  DB_PASSWORD: hunter2-gh
defaults: {run: {shell: bash}}
jobs:
  build:
    runs-on: ubuntu-latest
    strategy: {matrix: {py: ["3.11", 3.12]}, fail-fast: false}
    steps:
      - uses: actions/checkout@v4
        with: {token: "${{ secrets.PAT }}", fetch-depth: 0}
      - name: make
        run: |
          make all
          make test
        env: {API_TOKEN: tok-123-abc}
    outputs: {digest: "${{ steps.x.outputs.d }}"}
  deploy:
    needs: [build]
    if: github.ref == 'refs/heads/main'
    environment: {name: production, url: https://example.com}
    uses: ./.github/workflows/called.yml
    secrets: inherit
    with: {stage: production}
"""

FILES = (
    (".gitlab-ci.yml", GITLAB),
    ("ci/build.gitlab-ci.yml", "lint:\n  script: ruff check\n  only: [branches]\n"),
    (".gitlab/ci/deploy.yml", "deploy:\n  script: [a]\n  rules:\n  - if: $A\n    when: never\n"),
)
WORKFLOWS = (
    (".github/workflows/deploy.yml", GITHUB),
    (".github/workflows/small.yaml", "on: push\njobs:\n  a:\n    runs-on: [self-hosted]\n"),
)
