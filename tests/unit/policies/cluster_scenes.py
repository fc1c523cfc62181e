"""Changes to clusters, images and pipelines in which the rules find something, and a harmless twin.

What `scenes` shows of Kubernetes and CI files is not shown again.
"""

from tests.unit.policies.scenes import SHA

DIGEST = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

BEFORE = {
    "k8s/kept.yaml": """
apiVersion: apps/v1
kind: Deployment
metadata: {name: stopped}
spec:
  replicas: 2
  template: {spec: {securityContext: {runAsNonRoot: true}}}
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: kept}
spec: {persistentVolumeReclaimPolicy: Retain}
---
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels: {pod-security.kubernetes.io/enforce: restricted}
---
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: digests}
spec: {validationFailureAction: Enforce}
""",
    "k8s/lost.yaml": """
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, namespace: shop}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: shop, namespace: shop}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: walls, namespace: shop}
spec: {podSelector: {}, policyTypes: [Ingress]}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: lost}
webhooks: [{name: a.example.com, failurePolicy: Fail}]
""",
    ".gitlab-ci.yml": """
deploy:
  environment: production
  script: [make deploy]
  when: manual
move:
  environment: {name: production}
  script: [make move]
""",
}

BAD = {
    "k8s/kept.yaml": """
apiVersion: apps/v1
kind: Deployment
metadata: {name: stopped}
spec:
  replicas: 0
  template: {spec: {securityContext: {runAsNonRoot: true}}}
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: kept}
spec: {persistentVolumeReclaimPolicy: Delete}
---
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels: {pod-security.kubernetes.io/enforce: privileged}
---
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: digests}
spec: {validationFailureAction: Audit}
""",
    "k8s/app.yaml": """
apiVersion: v1
kind: Pod
metadata:
  name: app
  annotations: {container.apparmor.security.beta.kubernetes.io/app: unconfined}
spec:
  securityContext:
    runAsNonRoot: true
    seccompProfile: {type: Unconfined}
  containers:
    - name: app
      image: registry.example.com/app:1.2.3
      env:
        - {name: DB_PASSWORD, value: hunter2}
        - {name: DB_URL, value: "postgres://app:hunter2@db/app"}
      resources: {limits: {memory: 1Gi}}
      securityContext: {allowPrivilegeEscalation: false, procMount: Unmasked}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: app}
data: {api_token: hunter2hunter2}
""",
    "k8s/access.yaml": """
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: reader}
rules:
  - {apiGroups: [""], resources: [secrets], verbs: [get, list]}
  - {apiGroups: [""], resources: [pods/exec], verbs: [create]}
  - {apiGroups: [""], resources: [serviceaccounts/token], verbs: [create]}
  - {apiGroups: ["rbac.authorization.k8s.io"], resources: [clusterroles], verbs: [escalate]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: view, namespace: shop}
roleRef: {kind: ClusterRole, name: view}
subjects: [{kind: ServiceAccount, name: default, namespace: shop}]
""",
    "k8s/network.yaml": """
apiVersion: v1
kind: Service
metadata: {name: balanced}
spec: {type: LoadBalancer, loadBalancerSourceRanges: [0.0.0.0/0]}
---
apiVersion: v1
kind: Service
metadata: {name: node}
spec: {type: NodePort}
---
apiVersion: v1
kind: Service
metadata: {name: foreign}
spec: {externalIPs: [192.0.2.1]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: plain}
spec: {rules: [{host: shop.example.com}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: open}
spec: {podSelector: {}, ingress: [{}]}
""",
    "k8s/admission.yaml": """
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: open}
webhooks: [{name: a.example.com, failurePolicy: Ignore}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: open}
spec: {failurePolicy: Ignore}
""",
    "gitops/sources.yaml": """
apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata: {name: all}
spec:
  sourceRepos: ["*"]
  destinations: [{server: "*", namespace: "*"}]
---
apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata: {name: sources}
spec: {sourceRepos: ["*"]}
---
apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata: {name: places}
spec: {destinations: [{name: "*", namespace: "*"}]}
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: chart}
spec:
  source: {repoURL: "http://charts.example.com", chart: web, targetRevision: 1.x}
---
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: charts}
spec:
  template:
    spec:
      sources: [{repoURL: "https://charts.example.com", chart: web, targetRevision: "*"}]
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web}
spec: {chart: {spec: {chart: web, version: ">=1"}}}
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata: {name: web}
spec: {url: "oci://registry.example.com/web", insecure: true, ref: {tag: latest}}
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: web}
spec: {url: "https://git.example.com/web", ref: {branch: main}}
""",
    "app/Dockerfile": """
ARG BASE
FROM $BASE AS first
FROM golang AS build
ENV API_TOKEN=hunter2hunter2
ADD https://example.com/tool.tgz /tool
RUN curl -fsSL https://example.com/install.sh | sh
FROM alpine:3.22
COPY --from=build /app /app
USER root
""",
    "job/Dockerfile": """
FROM alpine:3.22
RUN apk add --no-cache make
""",
    "compose.yaml": """
services:
  db:
    image: postgres
    privileged: true
    pid: host
    cap_add: [SYS_ADMIN]
    security_opt: ["seccomp:unconfined"]
    ports: ["5432:5432", {target: 6379, published: 6379}]
    environment: {POSTGRES_PASSWORD: hunter2}
    volumes: ["/var/run/docker.sock:/var/run/docker.sock"]
  web:
    image: registry.example.com/web:${TAG:-latest}
    volumes: [{type: bind, source: /, target: /host}]
    use_api_socket: true
""",
    ".gitlab-ci.yml": f"""
include:
  - remote: http://ci.example.com/{SHA}/build.yml
variables:
  DOCKER_TLS_CERTDIR: ""
deploy:
  environment: production
  script: [make deploy]
move:
  script:
    - eval "notify $CI_COMMIT_MESSAGE"
plan:
  script: [terraform plan -out prod.tfplan]
  variables: {{DOCKER_HOST: "tcp://docker:2375", API_TOKEN: hunter2hunter2}}
  artifacts: {{paths: [prod.tfplan]}}
""",
    ".github/workflows/issues.yml": """
on: issues
permissions: {}
jobs:
  greet:
    runs-on: ubuntu-24.04
    steps:
      - run: echo "${{ github.event.issue.title }}"
""",
    ".github/workflows/changes.yml": f"""
on: pull_request
permissions: {{}}
jobs:
  own:
    runs-on: [self-hosted, linux]
    env: {{API_TOKEN: hunter2hunter2}}
    steps:
      - run: git switch ${{{{ github.head_ref }}}}
      - uses: actions/upload-artifact@{SHA}
        with: {{path: plan.json}}
  moving:
    uses: acme/ci/.github/workflows/build.yml@main
    secrets: inherit
  fixed:
    uses: acme/ci/.github/workflows/build.yml@{SHA}
    secrets: inherit
""",
}

FOUND = {
    ("warn", "kubernetes.availability.stopped", "Deployment/stopped"),
    ("warn", "kubernetes.stateful.lost_protection", "PersistentVolume/kept"),
    ("warn", "kubernetes.stateful.lost_data", "shop/PersistentVolumeClaim/data"),
    ("warn", "kubernetes.gitops.lost_deployment", "shop/HelmRelease/shop"),
    ("warn", "kubernetes.admission.lost_check", "Namespace/shop"),
    ("warn", "kubernetes.admission.lost_check", "ClusterPolicy/digests"),
    ("warn", "kubernetes.admission.lost_check", "ValidatingWebhookConfiguration/lost"),
    ("warn", "kubernetes.admission.fails_open", "ValidatingWebhookConfiguration/open"),
    ("warn", "kubernetes.admission.fails_open", "ValidatingAdmissionPolicy/open"),
    ("warn", "kubernetes.network.lost_isolation", "shop/NetworkPolicy/walls"),
    ("warn", "kubernetes.network.lost_isolation", "NetworkPolicy/open"),
    ("warn", "kubernetes.network.open_service", "Service/balanced"),
    ("warn", "kubernetes.network.open_service", "Service/node"),
    ("warn", "kubernetes.network.open_service", "Service/foreign"),
    ("warn", "kubernetes.network.plain_ingress", "Ingress/plain"),
    ("deny", "kubernetes.workload.unconfined", "Pod/app"),
    ("warn", "kubernetes.secrets.literal", "Pod/app"),
    ("warn", "kubernetes.secrets.literal", "ConfigMap/app"),
    ("warn", "kubernetes.access.secrets", "ClusterRole/reader"),
    ("warn", "kubernetes.access.exec", "ClusterRole/reader"),
    ("warn", "kubernetes.access.escalation", "ClusterRole/reader"),
    ("deny", "kubernetes.access.escalation", "ClusterRole/reader"),
    ("warn", "kubernetes.access.default_account", "shop/RoleBinding/view"),
    ("deny", "kubernetes.gitops.wide_project", "AppProject/all"),
    ("warn", "kubernetes.gitops.wide_project", "AppProject/sources"),
    ("warn", "kubernetes.gitops.wide_project", "AppProject/places"),
    ("warn", "kubernetes.gitops.moving_source", "Application/chart"),
    ("warn", "kubernetes.gitops.moving_source", "ApplicationSet/charts"),
    ("warn", "kubernetes.gitops.moving_source", "HelmRelease/web"),
    ("warn", "kubernetes.gitops.moving_source", "OCIRepository/web"),
    ("warn", "kubernetes.gitops.moving_source", "GitRepository/web"),
    ("deny", "kubernetes.gitops.insecure_source", "Application/chart"),
    ("deny", "kubernetes.gitops.insecure_source", "OCIRepository/web"),
    ("warn", "containers.dockerfile.mutable_base", "app/Dockerfile/first"),
    ("deny", "containers.dockerfile.mutable_base", "app/Dockerfile/build"),
    ("warn", "containers.dockerfile.secret", "app/Dockerfile/build"),
    ("warn", "containers.dockerfile.remote_code", "app/Dockerfile/build"),
    ("deny", "containers.dockerfile.root", "app/Dockerfile/2"),
    ("warn", "containers.dockerfile.root", "job/Dockerfile/0"),
    ("deny", "containers.compose.privileged", "compose.yaml/db"),
    ("deny", "containers.compose.docker_socket", "compose.yaml/db"),
    ("deny", "containers.compose.docker_socket", "compose.yaml/web"),
    ("deny", "containers.compose.host_namespace", "compose.yaml/db"),
    ("deny", "containers.compose.mutable_image", "compose.yaml/db"),
    ("warn", "containers.compose.mutable_image", "compose.yaml/web"),
    ("warn", "containers.compose.open_database", "compose.yaml/db"),
    ("warn", "containers.compose.secret", "compose.yaml/db"),
    (
        "deny",
        "ci.gitlab.insecure_include",
        f"include[0] remote:http://ci.example.com/{SHA}/build.yml",
    ),
    ("warn", "ci.deployment.automatic", "deploy"),
    ("warn", "ci.deployment.lost_environment", "move"),
    ("deny", "ci.injection.variable", "move"),
    ("warn", "ci.secrets.public_plan", "plan"),
    ("warn", "ci.secrets.plain", "plan"),
    ("warn", "ci.runners.open_docker", "settings"),
    ("warn", "ci.runners.open_docker", "plan"),
    ("deny", "ci.injection.expression", "issues.yml/greet"),
    ("warn", "ci.injection.expression", "changes.yml/own"),
    ("warn", "ci.secrets.plain", "changes.yml/own"),
    ("warn", "ci.secrets.public_plan", "changes.yml/own"),
    ("warn", "ci.runners.self_hosted", "changes.yml/own"),
    ("deny", "ci.secrets.inherited", "changes.yml/moving"),
    ("deny", "ci.github.unpinned_action", "changes.yml/moving"),
    ("warn", "ci.secrets.inherited", "changes.yml/fixed"),
}

DEMANDED = {
    (2, "write", "data is lost with shop/PersistentVolumeClaim/data"),
    (1, "maintain", "everything is deleted that was deployed by shop/HelmRelease/shop"),
    (
        1,
        "maintain",
        "fewer walls between pods without NetworkPolicy/open, shop/NetworkPolicy/walls",
    ),
    (
        1,
        "maintain",
        (
            "fewer checks of objects without ClusterPolicy/digests, Namespace/shop, "
            "ValidatingWebhookConfiguration/lost"
        ),
    ),
    (1, "maintain", "deployments are held back less: deploy, move"),
}

GOOD = {
    **BEFORE,
    "k8s/app.yaml": f"""
apiVersion: v1
kind: Pod
metadata: {{name: app}}
spec:
  automountServiceAccountToken: false
  securityContext: {{runAsNonRoot: true, seccompProfile: {{type: RuntimeDefault}}}}
  containers:
    - name: app
      image: registry.example.com/app@{DIGEST}
      env:
        - {{name: DB_PASSWORD, valueFrom: {{secretKeyRef: {{name: db, key: password}}}}}}
        - {{name: MODE, value: fast}}
      resources: {{limits: {{memory: 1Gi}}}}
      securityContext: {{allowPrivilegeEscalation: false}}
---
apiVersion: v1
kind: Service
metadata: {{name: app}}
spec: {{ports: [{{port: 80}}]}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {{name: app}}
spec:
  rules: [{{host: shop.example.com}}]
  tls: [{{hosts: [shop.example.com], secretName: shop}}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {{name: app}}
spec:
  podSelector: {{}}
  ingress: [{{from: [{{podSelector: {{}}}}]}}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {{name: app}}
rules:
  - {{apiGroups: [""], resources: [secrets], verbs: [get], resourceNames: [db]}}
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: app}}
spec:
  source: {{repoURL: "https://charts.example.com", chart: web, targetRevision: 1.2.3}}
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {{name: app}}
spec: {{url: "https://git.example.com/app", ref: {{tag: v1.2.3}}}}
""",
    "app/Dockerfile": f"""
FROM golang:1.25 AS build
ARG VERSION=1
ADD --checksum={DIGEST} https://example.com/tool.tgz /tool
RUN make
FROM gcr.io/distroless/static:nonroot
COPY --from=build /app /app
""",
    "compose.yaml": """
services:
  db:
    image: postgres:18.1
    ports: ["127.0.0.1:5432:5432"]
    environment: {POSTGRES_PASSWORD_FILE: /run/secrets/db}
    volumes: ["data:/var/lib/postgresql"]
  web:
    build: .
    image: web
    ports: ["8080:8080"]
""",
    "ci/plan.gitlab-ci.yml": """
plan:
  script:
    - terraform plan -out prod.tfplan
    - echo "$CI_COMMIT_MESSAGE"
  variables: {POSTGRES_PASSWORD: postgres, DOCKER_TLS_CERTDIR: /certs}
  artifacts: {public: false, paths: [prod.tfplan]}
""",
    ".github/workflows/issues.yml": """
on: issues
permissions: {}
jobs:
  greet:
    runs-on: ubuntu-24.04
    services:
      db: {image: "postgres:18.1", env: {POSTGRES_PASSWORD: postgres}}
    steps:
      - run: echo "$TITLE"
        if: ${{ contains(github.event.issue.title, 'x') }}
        env: {TITLE: "${{ github.event.issue.title }}", TOKEN: "${{ secrets.TOKEN }}"}
""",
}
