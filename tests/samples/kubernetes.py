"""Manifests, charts and kustomizations, as teams write them."""

MANIFESTS = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
  labels: {app: web, "app.kubernetes.io/name": web}
  annotations: {note: "a: b"}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      hostNetwork: no
      containers:
        - name: web
          image: shop/web:1.2
          args: ["--port", "8080"]
          env:
            - {name: DB_PASSWORD, value: hunter2-k8s}
            - {name: LEVEL, value: info}
            - name: FROM
              valueFrom: {secretKeyRef: {name: web, key: token}}
          securityContext: {privileged: true, runAsUser: 0, capabilities: {add: [SYS_ADMIN]}}
          ports: [{containerPort: 8080, protocol: TCP}]
          resources: {limits: {cpu: 500m, memory: 1Gi}}
---
apiVersion: v1
kind: Secret
metadata: {name: web, namespace: shop}
type: Opaque
data: {token: aHVudGVyMg==, "tls.key": c2VjcmV0}
stringData: {password: hunter2-secret}
---
apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: ConfigMap
    metadata: {name: conf, namespace: shop}
    data: {"app.conf": "a=1\\nb=2\\n", mode: prod}
  - apiVersion: v1
    kind: PersistentVolumeClaim
    metadata: {name: data}
    spec: {resources: {requests: {storage: 10Gi}}}
---
apiVersion: batch/v1
kind: Job
metadata: {generateName: migrate-}
spec: {template: {spec: {restartPolicy: Never, containers: []}}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: all}
rules: [{apiGroups: ["*"], resources: ["*"], verbs: ["*"]}]
"""

KUSTOMIZATION = """\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: shop
namePrefix: prod-
nameSuffix: -v1
resources: [../base, web.yaml, "https://example.com/org/repo?ref=v1"]
components: [../tls]
commonLabels: {team: shop}
labels: [{pairs: {a: b}, includeSelectors: true}]
commonAnnotations: {note: x}
images: [{name: shop/web, newName: shop/web2, newTag: "1.3", digest: "sha256:abc"}]
replicas: [{name: web, count: 5}]
patches:
  - path: patch.yaml
    target: {kind: Deployment, name: "web.*", labelSelector: "app=web"}
  - target: {kind: Deployment}
    patch: |-
      - op: replace
        path: /spec/replicas
        value: 7
  - patch: "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {paused: true}}"
patchesStrategicMerge: [smp.yaml]
patchesJson6902:
  - target: {version: v1, kind: ConfigMap, name: conf}
    patch: '[{"op": "add", "path": "/data/x~1y", "value": "z"}]'
configMapGenerator:
  - name: conf
    behavior: merge
    literals: [LEVEL=info, "A=b=c"]
    files: [app.conf]
    options: {disableNameSuffixHash: true}
secretGenerator:
  - name: creds
    literals: [password=hunter2-kustomize]
    type: Opaque
generatorOptions: {labels: {g: h}}
replacements:
  - source: {kind: ConfigMap, name: conf, fieldPath: data.LEVEL}
    targets: [{select: {kind: Deployment}, fieldPaths: ["spec.template.spec.containers.0.image"]}]
vars: [{name: X, objref: {kind: Service, name: a, apiVersion: v1}}]
helmCharts: [{name: redis, repo: "https://charts.example.com", version: 1.0.0}]
"""

CHART = """\
apiVersion: v2
name: shop
version: 1.2.3
appVersion: "4.5"
type: application
kubeVersion: ">=1.25"
dependencies:
  - {name: postgresql, version: 12.x.x, repository: "https://charts.example.com", condition: a.b}
  - {name: common, version: 1.0.0, repository: "file://../common", alias: lib}
  - {name: common, version: 1.0.0, repository: "file://../common"}
maintainers: [{name: kim}]
annotations: {a: b}
"""

VALUES = """\
replicaCount: 2
image: {repository: shop/web, tag: "1.2", pullPolicy: IfNotPresent}
postgresql:
  auth: {username: shop, password: hunter2-helm, existingSecret: ""}
env:
  - {name: API_TOKEN, value: tok-helm-123}
ingress: {enabled: true, hosts: [{host: shop.example.com, paths: [/]}]}
nodeSelector: {}
template: "{{ .Values.x }}"
"""

_POD = '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {"hostPID": true}}'
_SERVICE = 'apiVersion: v1\nkind: Service\nmetadata: {name: "{{ .Release.Name }}"}\n'

FILES = (
    ("k8s/all.yaml", MANIFESTS),
    ("k8s/pod.json", _POD),
    ("chart/templates/service.yaml", _SERVICE),
)
KUSTOMIZATIONS = (
    ("k/prod/kustomization.yaml", KUSTOMIZATION),
    ("k/base/Kustomization", "resources: [web.yaml]\nnamespace: base\n"),
)
CHARTS = (
    ("charts/shop/Chart.yaml", CHART),
    ("charts/shop/values.yaml", VALUES),
    ("charts/shop/values-prod.yaml", "replicaCount: 5\nsecrets: {apiKey: key-1234567}\n"),
    (
        "charts/shop/Chart.lock",
        "dependencies:\n- {name: a, version: 1.0.0, repository: r}\ndigest: sha256:a\n",
    ),
    (
        "charts/shop/values.schema.json",
        '{"type": "object", "properties": {"a": {"type": "string"}}}',
    ),
)
