# GitLab pipelines: whose code they run, and which checks they lose.
package mrbot.ci.gitlab

import data.mrbot.finding
import data.mrbot.shape
import rego.v1

present := [resource |
	some resource in input.resources
	resource.format == "gitlab-ci"
	resource.action != "delete"
	is_object(resource.after)
]

unpinned_include := {
	"id": "ci.gitlab.unpinned_include",
	"title": "An include that is not pinned",
	"why": "The included jobs can change without a change, under your secrets.",
	"fix": "Give `ref` a commit or a full version tag; give a remote file `integrity`; end a component in @1.2.3.",
	"reference": "https://docs.gitlab.com/ci/yaml/includes/",
	"controls": ["NIST 800-53 SR-3", "CICD-SEC-3"],
}

deny_unpinned_include contains finding.about(resource, unpinned_include, text) if {
	some resource in present
	resource.kind == "include"
	some unpinned in unpinned_parts(resource)
	count(resource.unknown_paths) == 0
	text := sprintf("can change by itself: %s", [unpinned])
}

warn_unpinned_include contains finding.about(resource, unpinned_include, text) if {
	some resource in present
	resource.kind == "include"
	some _ in unpinned_parts(resource)
	count(resource.unknown_paths) > 0
	text := "may change by itself: what it includes is decided where this file is included"
}

# Files of the repository itself and templates of the GitLab server are as they are reviewed there.
unpinned_parts(resource) := [text |
	some part in ["project", "remote", "component"]
	named := shape.text(shape.get(resource.after, part))
	named != ""
	not pinned(part, resource.after)
	text := sprintf("%s %s has no commit or full version", [part, shape.shown(named)])
]

pinned("project", include) if fixed(shape.text(shape.get(include, "ref")))

pinned("remote", include) if startswith(shape.text(shape.get(include, "integrity")), "sha256-")

pinned("remote", include) if {
	some segment in split(shape.text(shape.get(include, "remote")), "/")
	fixed(segment)
}

pinned("component", include) if {
	parts := split(shape.text(shape.get(include, "component")), "@")
	count(parts) == 2
	fixed(parts[1])
}

fixed(ref) if regex.match(`^([0-9a-f]{40}|[0-9a-f]{64})$`, ref)

fixed(ref) if regex.match(`^v?[0-9]+\.[0-9]+\.[0-9]+([-+][A-Za-z0-9.+-]+)?$`, ref)

insecure_include := {
	"id": "ci.gitlab.insecure_include",
	"title": "A remote include over http",
	"why": "Whoever stands between decides what the pipeline runs.",
	"fix": "Use https, and give `integrity`.",
	"reference": "https://docs.gitlab.com/ci/yaml/#includeremote",
	"controls": ["CICD-SEC-3", "NIST 800-53 SC-8"],
}

deny_insecure_include contains finding.about(resource, insecure_include, text) if {
	some resource in present
	resource.kind == "include"
	remote := shape.text(shape.get(resource.after, "remote"))
	startswith(lower(remote), "http://")
	not startswith(shape.text(shape.get(resource.after, "integrity")), "sha256-")
	text := sprintf("is fetched over a connection that anybody on the way can change: %s", [shape.shown(remote)])
}

lost_job := {
	"id": "ci.gitlab.lost_job",
	"title": "A job that goes, or cannot fail any more",
	"why": "A check does not run any more, and nobody may notice.",
	"fix": "Say in the change's description what takes over from the job.",
	"reference": "https://docs.gitlab.com/ci/jobs/",
	"controls": ["NIST 800-53 CM-3", "CICD-SEC-1"],
}

# Hidden jobs do not run by themselves. Outside the root file, the address begins with the file.
runs(resource) if {
	resource.kind == "job"
	not startswith(trim_prefix(resource.address, file_prefix(resource)), ".")
}

file_prefix(resource) := concat("", [resource.source.path, "/"])

lost_jobs := [resource |
	some resource in input.resources
	resource.format == "gitlab-ci"
	resource.action == "delete"
	runs(resource)
]

weakened_jobs := [resource |
	some resource in present
	runs(resource)
	is_object(resource.before)
	weak(resource.after)
	not weak(resource.before)
]

warn_lost_job contains finding.about(resource, lost_job, "does not run any more") if {
	some resource in lost_jobs
}

warn_lost_job contains finding.about(resource, lost_job, "can no longer fail the pipeline") if {
	some resource in weakened_jobs
}

weak(job) if shape.is_on(shape.get(job, "allow_failure"))

weak(job) if shape.get(job, "when") in {"manual", "never"}

weak(job) if {
	first := shape.items(shape.get(job, "rules"))[0]
	every condition in ["if", "changes", "exists"] { shape.get(first, condition) == null }
	shape.get(first, "when") in {"manual", "never"}
}

require contains finding.approvals(1, "maintain", text) if {
	jobs := finding.asking(array.concat(lost_jobs, weakened_jobs), lost_job)
	count(jobs) > 0
	text := sprintf("fewer checks without %s", [finding.named(jobs)])
}
