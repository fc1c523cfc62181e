# What a value is, whatever its author wrote there. Attributes come from files that anybody can
# change: a rule that expects a string may meet a number, a list or nothing. These functions are
# defined for every value, so that such a file is judged and not passed over.
package mrbot.shape

import rego.v1

# The value under a key, null where there is none.
get(value, key) := found if {
	found := value[key]
} else := null

# A list as it is, nothing as an empty one, anything else as a list of itself: Terraform's JSON
# syntax writes a single block as an object, YAML a single entry without its dash.
items(value) := value if is_array(value)

items(value) := [] if value == null

items(value) := [value] if {
	not is_array(value)
	value != null
}

# A string as it is, anything else as the empty one.
text(value) := value if is_string(value)

text(value) := "" if not is_string(value)

texts(value) := [item | some item in items(value); is_string(item)]

# A list of blocks, those that are not objects left out.
blocks(value) := [item | some item in items(value); is_object(item)]

is_on(value) if value in {true, "true"}

is_off(value) if value in {false, "false"}

# A whole number, also one written as a string; undefined for anything else.
number(value) := value if {
	is_number(value)
	abs(value) < 1000000000
	value == round(value)
}

number(value) := to_number(value) if {
	is_string(value)
	regex.match(`^-?[0-9]{1,9}$`, value)
}

# Text from a file as it may stand in a message.
shown(value) := substring(text(value), 0, 120)

# Whether a value is a secret, or text with a secret in it, that the input does not show.
masked(value) if contains(text(value), "(sensitive")

# Whether the value of a name is a secret, as far as its mask tells. Some names end as those of
# secrets do and switch something on or off.
secret(name, value) if {
	masked(value)
	not regex.match(`(?i)(allow_?empty|random)[a-z_]*password$|automount_?service_?account_?token$`, text(name))
}
