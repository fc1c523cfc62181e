# GitHub workflows: whose code they run, and with what rights.
package mrbot.ci.github

import data.mrbot.finding
import data.mrbot.shape
import rego.v1

present := [resource |
	some resource in input.resources
	resource.format == "github-workflow"
	resource.action != "delete"
	is_object(resource.after)
]

unpinned_action := {
	"id": "ci.github.unpinned_action",
	"title": "An action by a name that can move",
	"why": "The action's code can change under your secrets.",
	"fix": "Pin the action to a full commit, with its version in a comment: owner/name@<40 hex digits> # v1.2.3",
	"reference": "https://docs.github.com/en/actions/reference/security/secure-use",
	"controls": ["NIST 800-53 SR-3", "CICD-SEC-3"],
}

deny_unpinned_action contains finding.about(resource, unpinned_action, text) if {
	some resource in present
	resource.kind == "job"
	some used in array.concat([resource.after], steps(resource))
	action := shape.text(shape.get(used, "uses"))
	action != ""
	not pinned(action)
	text := sprintf("runs code that can change by itself: %s", [shape.shown(action)])
}

pinned(action) if startswith(action, "./")

pinned(action) if regex.match(`^docker://[^@]+@sha256:[0-9a-f]{64}$`, action)

pinned(action) if regex.match(`^[^@:]+@([0-9a-fA-F]{40}|[0-9a-fA-F]{64})$`, action)

steps(resource) := shape.blocks(shape.get(resource.after, "steps"))

untrusted_checkout := {
	"id": "ci.github.untrusted_checkout",
	"title": "A workflow that runs a stranger's code with the repository's rights",
	"why": "Whoever opens a pull request runs code with your secrets and your token.",
	"fix": "Use the `pull_request` trigger, or keep the job that has secrets from running the change's code.",
	"reference": "https://securitylab.github.com/resources/github-actions-preventing-pwn-requests/",
	"controls": ["NIST 800-53 AC-6", "CICD-SEC-4"],
}

# Triggers that run with the repository's secrets on behalf of anybody.
privileged_triggers := {"pull_request_target", "workflow_run", "issue_comment"}

deny_untrusted_checkout contains finding.about(resource, untrusted_checkout, text) if {
	some resource in present
	resource.kind == "job"
	checks_out_head(resource)
	some trigger in triggers_of[resource.source.path]
	trigger in privileged_triggers
	text := sprintf("runs a stranger's code with this repository's secrets: it checks out the head under %s", [trigger])
}

warn_untrusted_checkout contains finding.about(resource, untrusted_checkout, text) if {
	some resource in present
	resource.kind == "job"
	checks_out_head(resource)
	not resource.source.path in workflow_files
	text := "checks out the head of a change: harmless only while its workflow, which is not part of this change, has none of the triggers that come with secrets"
}

warn_untrusted_checkout contains finding.about(resource, untrusted_checkout, text) if {
	some resource in present
	resource.kind == "workflow"
	"pull_request_target" in triggers(resource.after)
	text := "runs with this repository's secrets for everybody's changes: pull_request_target"
}

workflow_files := {resource.source.path | some resource in present; resource.kind == "workflow"}

# The triggers of each workflow file that the change shows.
triggers_of[path] contains trigger if {
	some resource in present
	resource.kind == "workflow"
	path := resource.source.path
	some trigger in triggers(resource.after)
}

checks_out_head(resource) if {
	some step in steps(resource)
	some name in ["ref", "repository"]
	wanted := shape.text(shape.get(shape.get(step, "with"), name))
	regex.match(`(?i)(^|[^a-z0-9_])head([^a-z0-9_]|$)|head_|merge_commit|refs/pull/`, wanted)
}

checks_out_head(resource) if {
	some step in steps(resource)
	regex.match(`gh pr checkout|git (fetch|pull)[^\n]*pull/`, shape.text(shape.get(step, "run")))
}

triggers(workflow) := names(shape.get(workflow, "on"))

names(value) := object.keys(value) if is_object(value)

names(value) := {name | some name in shape.texts(value)} if not is_object(value)

wide_permissions := {
	"id": "ci.github.wide_permissions",
	"title": "A job's token with more rights than it needs",
	"why": "A step, or an action that it uses, can write to the repository.",
	"fix": "Start from `permissions: {contents: read}` and give each job only what it needs.",
	"reference": "https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#permissions",
	"controls": ["NIST 800-53 AC-6", "CICD-SEC-5"],
}

deny_wide_permissions contains finding.about(resource, wide_permissions, text) if {
	some resource in present
	permissions(resource.after) == "write-all"
	text := "may change everything in the repository: permissions: write-all"
}

warn_wide_permissions contains finding.about(widened.resource, wide_permissions, text) if {
	some widened in widenings
	text := sprintf("gets more rights than before: %s", [concat(", ", widened.scopes)])
}

warn_wide_permissions contains finding.about(resource, wide_permissions, text) if {
	some resource in losing_permissions
	text := "says no longer what it may do, so that the repository's default counts"
}

warn_wide_permissions contains finding.about(resource, wide_permissions, text) if {
	some resource in present
	resource.kind == "workflow"
	resource.before == null
	permissions(resource.after) == null
	text := "does not say what it may do, so that the repository's default counts"
}

widenings := [{"resource": resource, "scopes": scopes} |
	some resource in present
	permissions(resource.before) != "write-all"
	scopes := sort(written(resource.after) - written(resource.before))
	count(scopes) > 0
]

losing_permissions := [resource |
	some resource in present
	permissions(resource.before) != null
	permissions(resource.after) == null
]

permissions(side) := shape.get(side, "permissions")

written(side) := {scope |
	given := permissions(side)
	is_object(given)
	some scope, level in given
	level == "write"
}

require contains finding.approvals(1, "maintain", text) if {
	all := array.concat([one.resource | some one in widenings], losing_permissions)
	widened := finding.asking(all, wide_permissions)
	count(widened) > 0
	text := sprintf("more rights for %s", [finding.named(widened)])
}

lost_job := {
	"id": "ci.github.lost_job",
	"title": "A job that goes, or cannot fail any more",
	"why": "A check does not run any more, and nobody may notice.",
	"fix": "Say in the change's description what takes over from the job.",
	"reference": "https://docs.github.com/en/actions/how-tos/write-workflows/choose-what-workflows-do/use-jobs",
	"controls": ["NIST 800-53 CM-3", "CICD-SEC-1"],
}

lost_jobs := [resource |
	some resource in input.resources
	resource.format == "github-workflow"
	resource.kind == "job"
	resource.action == "delete"
]

weakened_jobs := [resource |
	some resource in present
	resource.kind == "job"
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

weak(job) if shape.is_on(shape.get(job, "continue-on-error"))

weak(job) if shape.get(job, "if") in {false, "false", "${{ false }}"}

require contains finding.approvals(1, "maintain", text) if {
	jobs := finding.asking(array.concat(lost_jobs, weakened_jobs), lost_job)
	count(jobs) > 0
	text := sprintf("fewer checks without %s", [finding.named(jobs)])
}
