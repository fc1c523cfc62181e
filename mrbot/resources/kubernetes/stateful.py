"""Kubernetes' kinds that hold data, which goes with them, and those that own what they deployed.

Told by group and kind: claims and volumes, what everything else lives under, the custom resources
that operators keep databases for, and those by which a cluster makes a cloud's databases, buckets
and keys. A kind that is not here may hold data all the same.

Sources: https://kubernetes.io/docs/concepts/storage/persistent-volumes/#reclaiming,
https://fluxcd.io/flux/components/kustomize/kustomizations/#prune,
https://argo-cd.readthedocs.io/en/stable/user-guide/app_deletion/
"""

from __future__ import annotations

from mrbot.ids import Json

_HOLDERS = frozenset(
    """
    /Namespace /PersistentVolume /PersistentVolumeClaim
    apiextensions.k8s.io/CustomResourceDefinition apps/StatefulSet
    snapshot.storage.k8s.io/VolumeSnapshot snapshot.storage.k8s.io/VolumeSnapshotContent
    acid.zalan.do/postgresql app.redislabs.com/RedisEnterpriseCluster
    app.redislabs.com/RedisEnterpriseDatabase cassandra.datastax.com/CassandraDatacenter
    ceph.rook.io/CephBlockPool ceph.rook.io/CephCluster ceph.rook.io/CephFilesystem
    ceph.rook.io/CephObjectStore clickhouse.altinity.com/ClickHouseInstallation
    couchbase.com/CouchbaseBucket couchbase.com/CouchbaseCluster crdb.cockroachlabs.com/CrdbCluster
    databases.spotahome.com/RedisFailover elasticsearch.k8s.elastic.co/Elasticsearch
    k8s.mariadb.com/Database k8s.mariadb.com/MariaDB k8ssandra.io/K8ssandraCluster
    kafka.strimzi.io/Kafka kafka.strimzi.io/KafkaNodePool kafka.strimzi.io/KafkaTopic
    longhorn.io/Volume mariadb.mmontes.io/MariaDB minio.min.io/Tenant mongodb.com/MongoDB
    mongodbcommunity.mongodb.com/MongoDBCommunity mysql.oracle.com/InnoDBCluster
    objectbucket.io/ObjectBucketClaim opensearch.opster.io/OpenSearchCluster
    pgv2.percona.com/PerconaPGCluster pingcap.com/TidbCluster
    postgres-operator.crunchydata.com/PostgresCluster postgresql.cnpg.io/Cluster
    postgresql.cnpg.io/Database psmdb.percona.com/PerconaServerMongoDB
    pxc.percona.com/PerconaXtraDBCluster rabbitmq.com/Queue rabbitmq.com/RabbitmqCluster
    redis.redis.opstreelabs.in/Redis redis.redis.opstreelabs.in/RedisCluster
    scylla.scylladb.com/ScyllaCluster
    """.split()  # noqa: SIM905  a table is read more easily without quotes
)
_CLOUDS = (
    ".aws.crossplane.io",
    ".aws.upbound.io",
    ".azure.com",
    ".azure.crossplane.io",
    ".azure.upbound.io",
    ".cnrm.cloud.google.com",
    ".gcp.crossplane.io",
    ".gcp.upbound.io",
    ".services.k8s.aws",
)
"""How the API groups end of Crossplane, AWS's ACK, Azure's Service Operator, Google's Config
Connector."""
_CLOUD_HOLDERS = frozenset(
    """
    AlloyDBCluster AlloyDBInstance ArtifactRegistryRepository BigQueryDataset BigQueryTable
    BigtableInstance BigtableTable Broker Bucket CacheCluster CloudSQLInstance Cluster
    ClusterInstance ComputeDisk Container CryptoKey DBCluster DBInstance Database DatabaseAccount
    DatabaseInstance Dataset Disk Domain EBSVolume FileSystem FilestoreInstance FirestoreDatabase
    FlexibleServer FlexibleServersDatabase GlobalCluster GlobalTable Instance KMSCryptoKey
    KMSKeyRing Key KeyRing MSSQLDatabase MSSQLServer MySQLServer PostgreSQLServer PubSubSubscription
    PubSubTopic Queue RDSInstance Redis RedisInstance ReplicationGroup Repository SQLDatabase
    SQLInstance Secret SecretManagerSecret Server SpannerDatabase SpannerInstance StorageAccount
    StorageBucket Stream Table Topic Vault Volume
    """.split()  # noqa: SIM905  likewise
)


def holds_data(api_version_kind: str, value: dict[str, Json]) -> bool:
    """Whether data, or all that it deployed, goes with the object `value` of this kind
    (`apps/v1/StatefulSet`) when it is deleted."""
    api_version, _, kind = api_version_kind.rpartition("/")
    group = api_version.rpartition("/")[0]
    match group, kind:
        case "argoproj.io", "Application":
            return _finalized(value)
        case "argoproj.io", "ApplicationSet":
            return _setting(value, "syncPolicy", "preserveResourcesOnDeletion") is not True
        case "kustomize.toolkit.fluxcd.io", "Kustomization":
            return (
                _setting(value, "prune") is True and _setting(value, "deletionPolicy") != "Orphan"
            )
        case ("argoproj.io", "AppProject") | ("helm.toolkit.fluxcd.io", "HelmRelease"):
            return True
        case _ if f"{group}/{kind}" in _HOLDERS:
            return True
        case _:
            return kind in _CLOUD_HOLDERS and f".{group}".endswith(_CLOUDS)


def _finalized(application: dict[str, Json]) -> bool:
    """Whether Argo CD deletes what an application deployed before the application itself."""
    metadata = application.get("metadata")
    finalizers = metadata.get("finalizers") if isinstance(metadata, dict) else None
    return "resources-finalizer.argocd.argoproj.io" in str(finalizers)


def _setting(value: dict[str, Json], *path: str) -> Json:
    """What `spec` says at `path`; None where nothing."""
    found = value.get("spec")
    for step in path:
        found = found.get(step) if isinstance(found, dict) else None
    return found
