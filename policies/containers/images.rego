# Where images are from, in pods, Compose services and Dockerfiles.
package mrbot.containers.images

import data.mrbot.containers.compose
import data.mrbot.containers.dockerfile
import data.mrbot.finding
import data.mrbot.kubernetes.objects
import data.mrbot.shape
import rego.v1

foreign_registry := {
	"id": "containers.images.foreign_registry",
	"title": "An image from a registry that is not on the team's list",
	"why": "Nobody here scans, keeps or answers for what is in the image.",
	"fix": "Take the image from a registry of the list, best through a mirror of your own.",
	"reference": "https://kubernetes.io/docs/concepts/containers/images/#image-names",
	"controls": ["NIST 800-53 SR-3", "CICD-SEC-3"],
	"parameters": {"registries": {
		"default": [""],
		"about": "How the full names of images may begin, such as registry.example.com/ or docker.io/library/. Anything may, by default.",
	}},
}

deny_foreign_registry contains finding.about(used.resource, foreign_registry, text) if {
	some used in images
	used.known
	not listed(full_name(used.image))
	text := sprintf("takes an image from elsewhere: %s", [shape.shown(used.image)])
}

warn_foreign_registry contains finding.about(used.resource, foreign_registry, text) if {
	some used in images
	not used.known
	not listed(used.image)
	text := sprintf("may take an image from elsewhere: %s", [shape.shown(used.image)])
}

listed(image) if {
	some beginning in finding.parameter(foreign_registry, "registries")
	startswith(image, beginning)
}

# As Docker completes it: what is before the first slash is a host only where it looks like one.
full_name(image) := image if regex.match(`^([^/]*[.:][^/]*|localhost)/`, image)

full_name(image) := sprintf("docker.io/%s", [image]) if {
	contains(image, "/")
	not regex.match(`^([^/]*[.:][^/]*|localhost)/`, image)
}

full_name(image) := sprintf("docker.io/library/%s", [image]) if not contains(image, "/")

images := array.concat(array.concat(of_pods, of_services), of_stages)

of_pods := [{"resource": pod.resource, "image": image, "known": known} |
	some pod in objects.pods
	some container in objects.containers(pod)
	image := shape.text(shape.get(container.value, "image"))
	image != ""
	known := is_known(pod.resource, sprintf("%s.image", [container.path]), image)
]

# What a service builds itself is from nowhere else.
of_services := [{"resource": service, "image": image, "known": known} |
	some service in compose.services
	shape.get(service.after, "build") == null
	image := shape.text(shape.get(service.after, "image"))
	image != ""
	known := is_known(service, "image", image)
]

of_stages := [{"resource": stage, "image": image, "known": known} |
	some stage in dockerfile.stages
	shape.get(dockerfile.base(stage), "stage") == false
	image := shape.text(shape.get(dockerfile.base(stage), "image"))
	not image in {"", "scratch"}
	known := is_known(stage, "from.image", image)
]

is_known(resource, path, image) := false if {
	path in resource.unknown_paths
} else := false if {
	contains(image, "{{")
} else := true
