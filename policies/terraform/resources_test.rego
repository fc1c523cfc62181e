package mrbot.terraform.resources_test

import data.mrbot.fixtures
import data.mrbot.terraform.resources
import rego.v1

bucket := fixtures.terraform("aws_s3_bucket", {})

test_what_goes_is_not_judged_as_what_stays if {
	all := [bucket, fixtures.deleted(bucket), fixtures.manifest("v1/Pod", {})]
	staying := resources.present with input as fixtures.change(all)
	staying == [bucket]
	going := resources.lost with input as fixtures.change(all)
	going == [fixtures.deleted(bucket)]
}

test_a_replaced_resource_stays_and_goes if {
	count(resources.present) == 1 with input as fixtures.change([fixtures.replaced(bucket)])
	count(resources.lost) == 1 with input as fixtures.change([fixtures.replaced(bucket)])
}

test_unknown_reaches_up_and_down if {
	resources.unknown(fixtures.unknown(bucket, [""]), "a")
	resources.unknown(fixtures.unknown(bucket, ["a"]), "a")
	resources.unknown(fixtures.unknown(bucket, ["a"]), "a.0.b")
	resources.unknown(fixtures.unknown(bucket, ["a.0.b"]), "a")
	not resources.unknown(fixtures.unknown(bucket, ["ab"]), "a")
	not resources.unknown(fixtures.unknown(bucket, ["a"]), "ab")
	not resources.unknown(bucket, "a")
}

test_a_sensitive_value_is_unknown if {
	resources.unknown(object.union(bucket, {"sensitive_paths": ["a"]}), "a")
}

test_what_a_provider_computes_is_left_unknown_by_nobody if {
	unset := fixtures.planned(fixtures.unknown(bucket, ["acl"]))
	not resources.left_unknown(unset, "acl")
	resources.left_unknown(fixtures.unknown(bucket, ["acl"]), "acl")
}

test_places_tell_directories_apart_and_not_files if {
	resources.place(bucket) == ["prod", "${aws_s3_bucket.it}"]
	resources.place(object.union(bucket, {"source": {"path": "prod2/a.tf", "line": 1}})) == ["prod2", "${aws_s3_bucket.it}"]
	resources.directory("main.tf") == ""
	resources.directory("a/b/main.tf") == "a/b"
	not resources.place(object.union(bucket, {"source": null}))
}

test_resources_are_found_by_their_kind if {
	one := fixtures.terraform("a", {"n": 1})
	other := fixtures.terraform("b", {})
	two := fixtures.terraform("a", {"n": 2})
	found := resources.of_kind with input as fixtures.change([one, other, two, fixtures.deleted(one)])
	found == {"a": [one, two], "b": [other]}
}
