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
