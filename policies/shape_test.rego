package mrbot.shape_test

import data.mrbot.shape
import rego.v1

test_a_value_under_no_key_is_null if {
	shape.get({}, "a") == null
	shape.get(null, "a") == null
	shape.get("text", "a") == null
	shape.get({"a": false}, "a") == false
}

test_anything_is_a_list if {
	shape.items(null) == []
	shape.items([1]) == [1]
	shape.items({"a": 1}) == [{"a": 1}]
	shape.items(false) == [false]
	shape.texts(["a", 1, "b"]) == ["a", "b"]
	shape.texts("a") == ["a"]
	shape.blocks({"a": 1}) == [{"a": 1}]
	shape.blocks("a") == []
}

test_booleans_may_be_written_as_text if {
	shape.is_on("true")
	shape.is_on(true)
	not shape.is_on("${var.on}")
	not shape.is_on(shape.get({}, "a"))
	shape.is_off("false")
	shape.is_off(false)
	not shape.is_off(shape.get({}, "a"))
}

test_numbers_may_be_written_as_text if {
	shape.number(22) == 22
	shape.number("22") == 22
	shape.number("-1") == -1
	not shape.number("${var.port}")
	not shape.number(22.5)
	not shape.number(null)
}

test_text_for_messages_is_short if {
	shape.shown(["x"]) == ""
	long := concat("", [sprintf("%d", [number]) | some number in numbers.range(1000, 1099)])
	count(shape.shown(long)) == 120
}

test_a_masked_value_is_told_from_others if {
	every value in ["(sensitive)", "(sensitive, changed)", "postgres://u:(sensitive)@db/x"] { shape.masked(value) }
	every value in [null, 5, "", "sensitive", ["(sensitive)"]] { not shape.masked(value) }
}

test_a_secret_is_told_from_a_switch_with_such_a_name if {
	every name in ["DB_PASSWORD", "api_token", "random_token", null, 5] { shape.secret(name, "(sensitive)") }
	every name in ["MYSQL_RANDOM_ROOT_PASSWORD", "ALLOW_EMPTY_PASSWORD", "sidecar.automountServiceAccountToken"] {
		not shape.secret(name, "(sensitive)")
	}
	not shape.secret("DB_PASSWORD", "hunter2")
}
