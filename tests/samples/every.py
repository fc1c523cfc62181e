"""Files of every format that has a reader, as teams write them: by the format's name, path and text.

What they hold under secret names is made up.
"""

from __future__ import annotations

from tests.samples import (
    ansible,
    cloudformation,
    containers,
    kubernetes,
    pipelines,
    steering,
    terraform,
    texts,
)

SAMPLES: dict[str, tuple[tuple[str, str], ...]] = {
    "terraform": terraform.FILES,
    "gitlab-ci": pipelines.FILES,
    "github-workflow": pipelines.WORKFLOWS,
    "compose": containers.COMPOSE_FILES,
    "dockerfile": containers.DOCKERFILES,
    "helm": kubernetes.CHARTS,
    "kustomize": kubernetes.KUSTOMIZATIONS,
    "ansible": ansible.FILES,
    "cloudformation": cloudformation.FILES,
    "mrbot": steering.FILES,
    "kubernetes": kubernetes.FILES,
    "data": texts.DATA,
    "text": texts.FILES,
}
