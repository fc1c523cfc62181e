# Secrets that everybody with the repository can read. Their values are masked in the input, so that
# only their presence is judged.
package mrbot.kubernetes.secrets

import data.mrbot.finding
import data.mrbot.kubernetes.objects
import data.mrbot.shape
import rego.v1

plain := {
	"id": "kubernetes.secrets.plain",
	"title": "A secret's value in a file",
	"why": "Everybody who reads the repository has the secret, for ever: base64 hides nothing.",
	"fix": "Take it out, replace the secret where it is used, and commit a SealedSecret, an ExternalSecret or a SOPS file.",
	"reference": "https://kubernetes.io/docs/concepts/configuration/secret/#information-security-for-secrets",
	"controls": ["NIST 800-53 IA-5", "CICD-SEC-6"],
}

deny_plain contains finding.about(resource, plain, text) if {
	some resource in objects.present
	resource.kind == "v1/Secret"
	not encrypted(resource)
	some field in ["data", "stringData"]
	readable(resource, field)
	text := sprintf("is a secret that anybody with the repository can read: it has %s", [field])
}

# Base64 hides nothing. A value that something fills in later is none yet.
readable(resource, field) if {
	content := shape.get(resource.after, field)
	is_object(content)
	some name, value in content
	value != null
	not objects.templated(resource, sprintf("%s.%s", [field, name]))
}

readable(resource, field) if {
	content := shape.get(resource.after, field)
	content != null
	not is_object(content)
}

# SOPS authenticates what it has encrypted.
encrypted(resource) if startswith(shape.text(shape.get(shape.get(resource.after, "sops"), "mac")), "ENC[")

literal := {
	"id": "kubernetes.secrets.literal",
	"title": "A password in a container's environment or a ConfigMap",
	"why": "Everybody who reads the repository, the object or the process's environment reads it.",
	"fix": "Keep it in a secret that is not committed in clear, and name that: valueFrom.secretKeyRef.",
	"reference": "https://kubernetes.io/docs/concepts/configuration/secret/",
	"controls": ["NIST 800-53 IA-5", "CICD-SEC-6"],
}

# What is masked is a secret by its name or its looks, which is a guess: so this only warns.
warn_literal contains finding.about(pod.resource, literal, text) if {
	some pod in objects.pods
	some container in objects.containers(pod)
	some variable in shape.blocks(shape.get(container.value, "env"))
	shape.secret(shape.get(variable, "name"), shape.get(variable, "value"))
	text := sprintf("seems to hold a secret in clear: variable %s of container %s", [shape.shown(shape.get(variable, "name")), container.name])
}

warn_literal contains finding.about(resource, literal, text) if {
	some resource in objects.present
	resource.kind == "v1/ConfigMap"
	not encrypted(resource)
	content := shape.get(resource.after, "data")
	is_object(content)
	names := sort([name | some name, value in content; shape.secret(name, value)])
	count(names) > 0
	text := sprintf("seems to hold a secret in clear: %s", [concat(", ", array.slice(names, 0, 5))])
}
