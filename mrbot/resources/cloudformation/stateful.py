"""CloudFormation's resource types that hold data, and whether a declaration keeps it.

CloudFormation has one policy for what is deleted (`DeletionPolicy`) and one for what is replaced
(`UpdateReplacePolicy`); by default both let the data go (RDS keeps a snapshot of what is deleted,
and nothing of what is replaced). So data is kept only where both literally say so. A type that is
not here may hold data all the same, as a custom resource may.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-product-attribute-reference.html
"""

from __future__ import annotations

from mrbot.ids import Json

_WITH_SNAPSHOTS = """
    DocDB::DBCluster EC2::Volume ElastiCache::CacheCluster ElastiCache::ReplicationGroup
    Neptune::DBCluster RDS::DBCluster RDS::DBInstance Redshift::Cluster
"""
_WITHOUT = """
    ACMPCA::CertificateAuthority APS::Workspace AmazonMQ::Broker Backup::BackupVault
    Backup::LogicallyAirGappedBackupVault Cassandra::Keyspace Cassandra::Table
    CloudTrail::EventDataStore CodeArtifact::Domain CodeArtifact::Repository
    CodeCommit::Repository Cognito::IdentityPool Cognito::UserPool CustomerProfiles::Domain
    DSQL::Cluster DirectoryService::MicrosoftAD DirectoryService::SimpleAD DocDB::DBInstance
    DocDBElastic::Cluster DynamoDB::GlobalTable DynamoDB::Table ECR::PublicRepository
    ECR::Repository EFS::FileSystem ElastiCache::GlobalReplicationGroup
    ElastiCache::ServerlessCache Elasticsearch::Domain Events::Archive FSx::FileSystem
    FSx::StorageVirtualMachine FSx::Volume HealthImaging::Datastore HealthLake::FHIRDatastore
    IoTAnalytics::Channel IoTAnalytics::Dataset IoTAnalytics::Datastore KMS::Key KMS::ReplicaKey
    Kendra::Index Kinesis::Stream KinesisVideo::Stream Lightsail::Bucket Lightsail::Database
    Lightsail::Disk Logs::LogGroup MSK::Cluster MSK::ServerlessCluster MemoryDB::Cluster
    MemoryDB::MultiRegionCluster Neptune::DBInstance NeptuneGraph::Graph
    Omics::AnnotationStore Omics::ReferenceStore Omics::SequenceStore Omics::VariantStore
    OpenSearchServerless::Collection OpenSearchService::Domain QLDB::Ledger RDS::DBShardGroup
    RDS::GlobalCluster RedshiftServerless::Namespace S3::Bucket S3Express::DirectoryBucket
    S3Outposts::Bucket S3Tables::Table S3Tables::TableBucket S3Vectors::Index
    S3Vectors::VectorBucket SDB::Domain SQS::Queue SSM::Parameter SageMaker::FeatureGroup
    SecretsManager::Secret Serverless::SimpleTable Timestream::Database
    Timestream::InfluxDBInstance Timestream::Table WorkSpaces::Workspace
"""
_WITH_ANYTHING_INSIDE = """
    CloudFormation::Stack CloudFormation::StackSet Serverless::Application
    ServiceCatalog::CloudFormationProvisionedProduct
"""
_MODULE = "::MODULE"
_PLACEHOLDERS = ("${", "&{")
_RETAINED = frozenset({"Retain", "RetainExceptOnCreate"})


def _types(names: str) -> frozenset[str]:
    return frozenset(f"AWS::{name}" for name in names.split())


SNAPSHOTS = _types(_WITH_SNAPSHOTS)
"""Types of which CloudFormation can take a snapshot before it lets them go."""

STATEFUL = SNAPSHOTS | _types(_WITHOUT) | _types(_WITH_ANYTHING_INSIDE)
"""Types whose deletion or replacement loses data."""


def loses_data(kind: str, body: dict[str, Json]) -> bool:
    """Whether data goes with the resource that `body` declares, of the type `kind`, when it is
    deleted or when it is replaced."""
    policies = [body.get("DeletionPolicy"), body.get("UpdateReplacePolicy")]
    return _holds_data(kind) and not all(_keeps(policy, kind) for policy in policies)


def may_lose_data(value: Json) -> bool:
    """As `loses_data`, of any resource that is somewhere in `value`."""
    match value:
        case dict():
            kind = value.get("Type")
            here = isinstance(kind, str) and loses_data(kind, value)
            return here or any(map(may_lose_data, value.values()))
        case list():
            return any(map(may_lose_data, value))
        case _:
            return False


def _holds_data(kind: str) -> bool:
    """A module, and a type that is put together from parts, might."""
    unclear = kind.endswith(_MODULE) or any(mark in kind for mark in _PLACEHOLDERS)
    return kind in STATEFUL or unclear


def _keeps(policy: Json, kind: str) -> bool:
    if not isinstance(policy, str):
        return False
    return policy in _RETAINED or (policy == "Snapshot" and kind in SNAPSHOTS)
