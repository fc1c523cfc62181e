"""Terraform's resource types that hold data, which goes with them.

Told by name, for a plan says nothing of it: databases, disks, buckets, queues, keys (what they
encrypt is lost with them), logs and registries of the larger providers. A type that is not here may
hold data all the same; a rule file's `resource_types` can ask an approver for it.
"""

from __future__ import annotations

_AWS = """
    backup_vault cloudwatch_log_group cognito_user_pool db_cluster_snapshot db_instance db_snapshot
    docdb_cluster docdb_cluster_instance dynamodb_global_table dynamodb_table ebs_snapshot ebs_volume
    ecr_repository efs_file_system elasticache_cluster elasticache_replication_group
    elasticache_serverless_cache elasticsearch_domain fsx_lustre_file_system fsx_ontap_file_system
    fsx_ontap_volume fsx_openzfs_file_system fsx_openzfs_volume fsx_windows_file_system
    glacier_vault keyspaces_table kinesis_stream kms_key lightsail_database lightsail_disk
    memorydb_cluster mq_broker msk_cluster msk_serverless_cluster neptune_cluster opensearch_domain
    opensearchserverless_collection qldb_ledger rds_cluster rds_cluster_instance rds_global_cluster
    redshift_cluster redshiftserverless_namespace s3_bucket s3_directory_bucket s3tables_table
    s3tables_table_bucket secretsmanager_secret sqs_queue ssm_parameter timestreamwrite_database
    timestreamwrite_table workspaces_workspace
"""
_AZURE = """
    app_configuration container_registry cosmosdb_account cosmosdb_cassandra_keyspace
    cosmosdb_gremlin_database cosmosdb_mongo_collection cosmosdb_mongo_database
    cosmosdb_postgresql_cluster cosmosdb_sql_container cosmosdb_sql_database cosmosdb_table
    data_lake_store eventhub key_vault key_vault_key key_vault_managed_hardware_security_module
    key_vault_secret kusto_database log_analytics_workspace managed_disk managed_redis mariadb_server
    mssql_database mssql_managed_database mssql_managed_instance mssql_server mysql_flexible_database
    mysql_flexible_server mysql_server netapp_volume postgresql_flexible_server
    postgresql_flexible_server_database postgresql_server recovery_services_vault redis_cache
    redis_enterprise_database search_service servicebus_queue snapshot sql_database sql_server
    storage_account storage_container storage_data_lake_gen2_filesystem storage_queue storage_share
    storage_table synapse_sql_pool
"""
_GOOGLE = """
    alloydb_cluster alloydb_instance artifact_registry_repository bigquery_dataset bigquery_table
    bigtable_instance bigtable_table compute_disk compute_region_disk compute_snapshot
    container_registry datastore_index filestore_backup filestore_instance firestore_database
    kms_crypto_key kms_key_ring logging_project_bucket_config memcache_instance memorystore_instance
    netapp_volume pubsub_subscription pubsub_topic redis_cluster redis_instance
    secret_manager_secret spanner_database spanner_instance sql_database sql_database_instance
    storage_bucket
"""
_OTHERS = """
    alicloud_db_instance alicloud_disk alicloud_kms_key alicloud_oss_bucket
    digitalocean_database_cluster digitalocean_spaces_bucket digitalocean_volume
    cloudflare_d1_database cloudflare_r2_bucket cloudflare_workers_kv_namespace
    github_repository gitlab_project hcloud_volume helm_release kubernetes_namespace
    kubernetes_namespace_v1 kubernetes_persistent_volume kubernetes_persistent_volume_claim
    kubernetes_persistent_volume_claim_v1 kubernetes_persistent_volume_v1 kubernetes_stateful_set
    kubernetes_stateful_set_v1 mongodbatlas_advanced_cluster mongodbatlas_cluster oci_core_volume
    oci_database_autonomous_database oci_database_db_system oci_file_storage_file_system
    oci_kms_key oci_objectstorage_bucket openstack_blockstorage_volume_v3
    openstack_db_instance_v1 openstack_objectstorage_container_v1 postgresql_database
    proxmox_virtual_environment_vm random_password scaleway_object_bucket scaleway_rdb_instance
    snowflake_database snowflake_schema snowflake_table tls_private_key vault_mount
    vsphere_virtual_disk yandex_mdb_postgresql_cluster yandex_storage_bucket
"""

STATEFUL = frozenset(
    [f"aws_{name}" for name in _AWS.split()]
    + [f"azurerm_{name}" for name in _AZURE.split()]
    + [f"google_{name}" for name in _GOOGLE.split()]
    + _OTHERS.split()
)
"""Types whose deletion or replacement loses data."""
