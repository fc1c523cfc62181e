package mrbot.terraform.execution_test

import data.mrbot.fixtures
import data.mrbot.terraform.execution
import rego.v1

warn_provisioner(resource) := count(found) if {
	found := execution.warn_provisioner with input as fixtures.change([resource])
}

test_warn_provisioner_flags_what_may_be_wrong if {
	every resource in [
		fixtures.terraform("null_resource", {"provisioner": [{"local-exec": {"command": "make"}}]}),
		fixtures.terraform("aws_instance", {"provisioner": [{"file": {}}, {"remote-exec": {"inline": ["make"]}}]}),
	] {
		warn_provisioner(resource) == 1
	}
}

test_warn_provisioner_allows_what_is_fine if {
	every resource in [
		fixtures.terraform("null_resource", {}),
		fixtures.terraform("aws_instance", {"provisioner": [{"file": {"source": "a"}}]}),
	] {
		warn_provisioner(resource) == 0
	}
}

warn_program(resource) := count(found) if {
	found := execution.warn_program with input as fixtures.change([resource])
}

test_warn_program_flags_what_may_be_wrong if {
	every resource in [
		fixtures.terraform("data.external", {"program": ["python", "a.py"]}),
		fixtures.terraform("data.shell_script", {}),
	] {
		warn_program(resource) == 1
	}
}

test_warn_program_allows_what_is_fine if {
	every resource in [
		fixtures.terraform("data.http", {}),
		fixtures.terraform("external", {}),
	] {
		warn_program(resource) == 0
	}
}

test_warn_provisioner_allows_one_that_stays_as_it_is if {
	block := {"provisioner": [{"local-exec": {"command": "make"}}]}
	resource := fixtures.terraform("null_resource", object.union(block, {"triggers": {"a": "b"}}))
	warn_provisioner(fixtures.updated(resource, block)) == 0
	warn_provisioner(fixtures.updated(resource, {"provisioner": [{"local-exec": {"command": "true"}}]})) == 1
}

required(resources) := found if {
	found := execution.require with input as fixtures.change(resources)
}

test_require_flags_programs if {
	program := fixtures.terraform("data.external", {})
	runner := fixtures.terraform("null_resource", {"provisioner": [{"local-exec": {}}]})
	required([program, runner]) == {{
		"msg": "programs are run by data.external.it, null_resource.it",
		"count": 1,
		"roles": ["maintain"],
	}}
}

test_require_allows_a_change_without_programs if {
	required([fixtures.terraform("aws_instance", {})]) == set()
}
