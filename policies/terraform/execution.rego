# Programs that run where Terraform runs, with its credentials.
package mrbot.terraform.execution

import data.mrbot.finding
import data.mrbot.shape
import data.mrbot.terraform.resources
import rego.v1

provisioner := {
	"id": "terraform.execution.provisioner",
	"title": "A provisioner",
	"why": "It runs a program with the credentials of the apply, does what no plan shows, and leaves the resource tainted when it fails.",
	"fix": "Use a resource, an image or the machine's start-up instead.",
	"reference": "https://developer.hashicorp.com/terraform/language/resources/provisioners/syntax",
	"controls": ["NIST 800-53 CM-3"],
}

running := {"local-exec", "remote-exec"}

warn_provisioner contains finding.about(resource, provisioner, text) if {
	some [resource, name] in provisioners
	text := sprintf("runs commands that no plan shows: %s", [name])
}

# Only what the change makes different is news.
provisioners contains [resource, name] if {
	some resource in resources.present
	some block in shape.blocks(shape.get(resource.after, "provisioner"))
	some name in object.keys(block)
	name in running
	shape.get(resource.before, "provisioner") != shape.get(resource.after, "provisioner")
}

program := {
	"id": "terraform.execution.program",
	"title": "A data source that runs a program",
	"why": "The program runs at every plan, so also for a change that nobody approved, with the credentials of the plan.",
	"fix": "Read what it reads with a provider; or have somebody look at the program with each change.",
	"reference": "https://registry.terraform.io/providers/hashicorp/external/latest/docs/data-sources/external",
	"controls": ["NIST 800-53 CM-3", "CICD-SEC-4"],
	"parameters": {"approvals": {"default": 1, "about": "How many maintainers have to approve it."}},
}

warn_program contains finding.about(resource, program, "runs a program at every plan") if {
	some resource in programs
}

programs := [resource |
	some kind in ["data.external", "data.shell_script"]
	some resource in resources.of_kind[kind]
]

require contains finding.approvals(finding.parameter(program, "approvals"), "maintain", text) if {
	asking := array.concat(
		finding.asking(programs, program),
		finding.asking([resource | some [resource, _] in provisioners], provisioner),
	)
	count(asking) > 0
	text := sprintf("programs are run by %s", [finding.named(asking)])
}
