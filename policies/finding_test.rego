package mrbot.finding_test

import data.mrbot.finding
import data.mrbot.fixtures
import data.mrbot.terraform.network
import rego.v1

rule := {
	"id": "terraform.network.open_port",
	"title": "What it looks for",
	"why": "What could happen.",
	"fix": "Mend it.",
	"reference": "https://example.com/",
	"controls": ["NIST 800-53 SC-7"],
	"parameters": network.open_port.parameters,
}

bucket := fixtures.terraform("aws_s3_bucket", {})

found := finding.about(bucket, rule, "is open")

# The finding, judged on 2026-11-22 with this said of the library.
with_settings(library) := result if {
	result := found with data.library as library with input as fixtures.change([])
}

exception(fields) := {"exceptions": [object.union(
	{
		"rule": rule.id,
		"resource": "aws_s3_bucket.it",
		"reason": "the website",
		"expires": "2027-03-31",
	},
	fields,
)]}

test_a_finding_says_what_where_and_how_to_mend_it if {
	found == {
		"id": "terraform.network.open_port",
		"fix": "Mend it.",
		"reference": "https://example.com/",
		"controls": ["NIST 800-53 SC-7"],
		"msg": "aws_s3_bucket.it is open",
		"resource": "aws_s3_bucket.it",
		"_loc": {"file": "prod/main.tf", "line": 3},
	}
}

test_a_resource_without_a_place_has_no_location if {
	nowhere := object.union(bucket, {"source": null})
	not finding.about(nowhere, rule, "is open")._loc
}

test_an_exception_takes_back_what_it_names_until_its_date if {
	taken_back := with_settings(exception({}))
	taken_back == object.union(found, {"_excepted": "the website (until 2027-03-31)"})
}

test_an_exception_holds_on_its_last_day if {
	with_settings(exception({"expires": "2026-11-22"}))._excepted == "the website (until 2026-11-22)"
}

test_an_exception_that_has_ended_takes_nothing_back_and_is_told if {
	still := with_settings(exception({"expires": "2026-11-21"}))
	not still._excepted
	still.msg == "aws_s3_bucket.it is open (its exception ended on 2026-11-21)"
}

test_a_later_exception_takes_the_place_of_one_that_has_ended if {
	both := {"exceptions": array.concat(
		exception({"expires": "2026-11-21"}).exceptions,
		exception({"reason": "still the website"}).exceptions,
	)}
	taken_back := with_settings(both)
	taken_back._excepted == "still the website (until 2027-03-31)"
	taken_back.msg == "aws_s3_bucket.it is open"
}

test_a_star_stands_for_anything_and_nothing_else_is_special if {
	count({resource |
		some resource in ["aws_s3_bucket.it", "aws_s3_*", "*.it", "aws*bucket*", "*"]
		with_settings(exception({"resource": resource}))._excepted
	}) == 5
	count({resource |
		some resource in ["aws_s3_bucket", "aws_s3_bucket.i", "aws_s3_bucket_it", "aws.s3.*", "s3_*", "[a-z]*"]
		with_settings(exception({"resource": resource}))._excepted
	}) == 0
}

test_an_address_with_an_index_is_named_as_it_is if {
	address := "module.a.aws_s3_bucket.it[\"x.y\"]"
	indexed := object.union(bucket, {"address": address})
	same := exception({"resource": address})
	taken_back := finding.about(indexed, rule, "is open") with data.library as same
		with input as fixtures.change([])
	taken_back._excepted
	another := exception({"resource": "module.a.aws_s3_bucket.it[\"xzy\"]"})
	still := finding.about(indexed, rule, "is open") with data.library as another
		with input as fixtures.change([])
	not still._excepted
}

test_an_exception_may_name_a_file_and_both_have_to_fit if {
	with_settings(exception({"file": "prod/*"}))._excepted
	not with_settings(exception({"file": "test/*"}))._excepted
	not with_settings(exception({"file": "main.tf"}))._excepted
	only_file := {"exceptions": [object.remove(exception({"file": "prod/*"}).exceptions[0], ["resource"])]}
	with_settings(only_file)._excepted
}

test_an_exception_of_another_rule_takes_nothing_back if {
	with_settings(exception({"rule": "terraform.network.open_admin_port"})) == found
}

test_without_the_moment_of_judgement_no_exception_holds if {
	library := exception({})
	result := found with data.library as library with input as {}
	not result._excepted
}

test_a_rule_that_is_off_gives_one_note_for_all_its_results if {
	off := {"disabled": [{"rule": rule.id, "reason": "we have a proxy"}]}
	other := object.union(bucket, {"address": "aws_s3_bucket.other"})
	notes := {note |
		some resource in [bucket, other]
		note := finding.about(resource, rule, "is open") with data.library as off
	}
	notes == {{
		"id": rule.id,
		"reference": "https://example.com/",
		"controls": ["NIST 800-53 SC-7"],
		"msg": "terraform.network.open_port would say something here, and is switched off",
		"_excepted": "switched off: we have a proxy",
	}}
}

test_what_is_taken_back_needs_no_approval if {
	library := exception({})
	off := {"disabled": [{"rule": "terraform.network.open_port", "reason": "a proxy"}]}
	other := object.union(bucket, {"address": "aws_s3_bucket.other"})
	some_left := finding.asking([bucket, other], rule) with data.library as library with input as fixtures.change([])
	some_left == [other]
	none_left := finding.asking([bucket, other], rule) with data.library as off
	none_left == []
}

test_what_is_not_taken_back_needs_its_approval if {
	finding.asking([bucket], rule) == [bucket] with input as fixtures.change([])
}

ports_with(ports) := result if {
	library := {"parameters": {"terraform.network.open_port": {"ports": ports}}}
	result := finding.parameter(rule, "ports") with data.library as library
}

test_a_parameter_is_as_the_team_set_it_else_its_default if {
	finding.parameter(rule, "ports") == [80, 443]
	ports_with([8443]) == [8443]
	ports_with(["8443"]) == [80, 443]
}

test_few_resources_are_all_named if {
	finding.named([{"address": "b"}, {"address": "a"}, {"address": "a"}]) == "a, b"
}

test_many_resources_are_counted if {
	many := [{"address": sprintf("r%d", [number])} | some number in numbers.range(1, 9)]
	finding.named(many) == "r1, r2, r3, r4, r5 and 4 more"
}
