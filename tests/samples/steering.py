"""What steers the gate and git, as teams write it."""

RULES = """\
version: 1
projects:
  - {name: network-prod, directory: infra, kind: terraform, environment: production}
approvals:
  - name: platform owns production
    when: {paths: ["infra/**"], environments: [production], actions: [delete, replace]}
    require: {count: 2, groups: [platform]}
  - {name: all, when: always, require: {users: [kim], role: maintain}}
otherwise:
  require: {count: 1}
codeowners: true
policies:
  - {directory: policies, input: change, namespaces: [main]}
deployments:
  pipeline: {pipeline: {variables: {A: b}}}
"""

OWNERS = """\
# everything
* @platform
/infra/ @org/network kim@example.com
*.tf @kim @lee
docs/**/*.md
[Security][2] @security
/policies/ @security
^[Optional]
a\\ b.txt @kim
!/infra/generated/
"""

ATTRIBUTES = """\
# how files are treated
* text=auto eol=lf
*.png binary -diff
*.tf linguist-generated=true
[attr]secret diff=none merge=ours
"a b" secret
"""

MODULES = """\
[submodule "lib"]
\tpath = lib
\turl = https://example.com/lib.git
\tbranch = main
[submodule "other"]
\tpath = other
\turl = ../other.git
\tupdate = rebase
"""

REGO = """\
package main

import rego.v1

default allow := false

deny contains msg if {
\tsome change in input.resources
\tchange.after.acl == "public-read"
\tmsg := sprintf("%s is public", [change.address])
}

api_token := "tok-rego-12345"
"""

FILES = (
    (".mrbot.yml", RULES),
    ("CODEOWNERS", OWNERS),
    (".github/CODEOWNERS", OWNERS),
    (".gitattributes", ATTRIBUTES),
    (".gitmodules", MODULES),
    ("policies/public.rego", REGO),
)
