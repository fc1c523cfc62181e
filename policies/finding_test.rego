package mrbot.finding_test

import data.mrbot.finding
import data.mrbot.fixtures
import rego.v1

rule := {"id": "a.b", "fix": "Mend it.", "reference": "https://example.com/"}

test_a_finding_says_what_where_and_how_to_mend_it if {
	finding.about(fixtures.terraform("aws_s3_bucket", {}), rule, "is open") == {
		"id": "a.b",
		"fix": "Mend it.",
		"reference": "https://example.com/",
		"msg": "aws_s3_bucket.it is open",
		"resource": "aws_s3_bucket.it",
		"_loc": {"file": "prod/main.tf", "line": 3},
	}
}

test_a_resource_without_a_place_has_no_location if {
	nowhere := object.union(fixtures.terraform("aws_s3_bucket", {}), {"source": null})
	not finding.about(nowhere, rule, "is open")._loc
}

test_few_resources_are_all_named if {
	finding.named([{"address": "b"}, {"address": "a"}, {"address": "a"}]) == "a, b"
}

test_many_resources_are_counted if {
	many := [{"address": sprintf("r%d", [number])} | some number in numbers.range(1, 9)]
	finding.named(many) == "r1, r2, r3, r4, r5 and 4 more"
}
