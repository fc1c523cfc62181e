# Changes for the tests of the library.
package mrbot.fixtures

import rego.v1

change(resources) := {
	"version": 1,
	"kind": "change",
	"change": {
		"id": "gitlab:group/infra#7",
		"title": "A change",
		"description": "",
		"author": {"id": "1", "login": "ada"},
		"draft": false,
		"labels": [],
		"source_branch": "work",
		"target_branch": "main",
		"base": "1111111111111111111111111111111111111111",
		"target": "1111111111111111111111111111111111111111",
		"head": "2222222222222222222222222222222222222222",
		"from_fork": false,
	},
	"people": {"contributors": [{"id": "1", "login": "ada"}], "signatures": [], "reviews": []},
	"commits": [],
	"commits_left_out": 0,
	"environments": ["prod"],
	"projects": ["network-prod"],
	"files": [],
	"resources": resources,
	"not_understood": [],
	"notes": [],
	"plans": [],
	"now": "2026-11-22T21:10:00Z",
}

created(format, kind, address, path, after) := {
	"format": format,
	"address": address,
	"kind": kind,
	"action": "create",
	"before": null,
	"after": after,
	"unknown_paths": [],
	"sensitive_paths": [],
	"project": "network-prod",
	"environment": "prod",
	"certainty": "static",
	"source": {"path": path, "line": 3},
	"stateful": false,
}

terraform(kind, after) := created("terraform", kind, sprintf("%s.it", [kind]), "prod/main.tf", after)

manifest(kind, after) := created("kubernetes", kind, "prod/it", "prod/it.yaml", after)

stage(after) := created("dockerfile", "stage", "Dockerfile/0", "Dockerfile", after)

service(after) := created("compose", "service", "compose.yaml/app", "compose.yaml", after)

gitlab(kind, address, after) := created("gitlab-ci", kind, address, ".gitlab-ci.yml", after)

workflow(after) := created("github-workflow", "workflow", "ci.yml", ".github/workflows/ci.yml", after)

job(after) := created("github-workflow", "job", "ci.yml/build", ".github/workflows/ci.yml", after)

# As `resource`, of which these paths are not known.
unknown(resource, paths) := object.union(resource, {"unknown_paths": paths})

planned(resource) := object.union(resource, {"certainty": "planned"})

# As `resource`, with which data goes when it is deleted.
stateful(resource) := object.union(resource, {"stateful": true})

# As `resource`, of which these paths are secrets.
sensitive(resource, paths) := object.union(resource, {"sensitive_paths": paths})

# As `resource`, which was `before` until now.
updated(resource, before) := object.union(resource, {"action": "update", "before": before})

# As `resource`, which the change takes away.
deleted(resource) := object.union(resource, {"action": "delete", "before": resource.after, "after": null})

replaced(resource) := object.union(resource, {"action": "replace", "before": resource.after, "certainty": "planned"})
