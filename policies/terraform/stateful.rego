# Data that goes away with its resource. A deletion may be what everybody wants, so nothing is
# denied here: it is said aloud, and it takes two people.
package mrbot.terraform.stateful

import data.mrbot.finding
import data.mrbot.shape
import data.mrbot.terraform.resources
import rego.v1

lost_data := {
	"id": "terraform.stateful.lost_data",
	"title": "A resource with data that is deleted or replaced",
	"why": "The data goes away with its resource, mostly for ever.",
	"fix": "Check that a backup exists and was restored once; write a `moved` block if it was only renamed.",
	"reference": "https://developer.hashicorp.com/terraform/language/meta-arguments/lifecycle#prevent_destroy",
	"controls": ["NIST 800-53 CP-9"],
	"parameters": {"approvals": {"default": 2, "about": "How many people have to approve it."}},
}

losing := [resource |
	some resource in resources.lost
	resource.stateful
	not moved(resource)
]

warn_lost_data contains finding.about(resource, lost_data, text) if {
	some resource in losing
	text := sprintf("holds data, and is %sd%s", [resource.action, how_known(resource)])
}

how_known(resource) := ": no block declares it any more" if resource.certainty == "static"

how_known(resource) := "" if resource.certainty != "static"

# In the files of the same directory, it goes on under another name.
moved(resource) if {
	resource.certainty == "static"
	some target in moves[resources.place(resource)]
	[resource.kind, target] in created
}

# Where the blocks of a directory move what stood at a place. Only what is new there was moved.
moves[from] contains to if {
	some block in resources.present
	block.kind == "moved"
	directory := resources.directory(block.source.path)
	from := [directory, shape.get(block.after, "from")]
	to := [directory, shape.get(block.after, "to")]
}

created := {[resource.kind, resources.place(resource)] |
	some resource in resources.present
	resource.action == "create"
}

lost_module := {
	"id": "terraform.stateful.lost_module",
	"title": "A module that is removed without a plan",
	"why": "Nobody knows what goes away with it, and whether that holds data.",
	"fix": "Have the change planned: only a plan tells what a module holds.",
	"reference": "https://developer.hashicorp.com/terraform/language/modules/syntax",
	"controls": ["NIST 800-53 CM-3"],
	"parameters": {"approvals": {"default": 2, "about": "How many people have to approve it."}},
}

# What a module holds is not in the files of a change; a plan of its project lists it.
losing_modules := [resource |
	some resource in resources.lost
	resource.kind == "module"
	resource.certainty == "static"
	not planned(resource)
	not moved(resource)
]

planned(resource) if {
	some plan in input.plans
	plan.project == resource.project
}

warn_lost_module contains finding.about(resource, lost_module, text) if {
	some resource in losing_modules
	text := "is removed with everything that it holds, which is not known without a plan"
}

lost_protection := {
	"id": "terraform.stateful.lost_protection",
	"title": "A protection against deletion that is taken away",
	"why": "The next change could delete the data.",
	"fix": "Keep the protection, and take it away only in the change that deletes the resource.",
	"reference": "https://developer.hashicorp.com/terraform/language/meta-arguments/lifecycle#prevent_destroy",
	"controls": ["NIST 800-53 CP-9"],
}

protections := {"deletion_protection", "deletion_protection_enabled", "prevent_destroy"}

warn_lost_protection contains finding.about(resource, lost_protection, text) if {
	some resource in resources.present
	resource.stateful
	some name in protections
	protected(resource.before, name)
	not protected(resource.after, name)
	text := sprintf("can be deleted from now on: %s is no longer true", [name])
}

warn_lost_protection contains finding.about(resource, lost_protection, text) if {
	some resource in resources.present
	resource.stateful
	is_object(resource.before)
	forced(resource.after)
	not forced(resource.before)
	text := "can be deleted with everything in it from now on: force_destroy is true"
}

protected(side, name) if shape.is_on(shape.get(side, name))

protected(side, name) if {
	some lifecycle in shape.blocks(shape.get(side, "lifecycle"))
	shape.is_on(shape.get(lifecycle, name))
}

forced(side) if shape.is_on(shape.get(side, "force_destroy"))

require contains finding.approvals(finding.parameter(lost_data, "approvals"), "write", text) if {
	asking := finding.asking(losing, lost_data)
	count(asking) > 0
	text := sprintf("data is lost with %s", [finding.named(asking)])
}

require contains finding.approvals(finding.parameter(lost_module, "approvals"), "write", text) if {
	asking := finding.asking(losing_modules, lost_module)
	count(asking) > 0
	text := sprintf("nobody knows what is lost with %s", [finding.named(asking)])
}
