"""Object storage: the port, and its adapter for S3 and what speaks its protocol."""

from chassis.storage.port import ObjectInfo, ObjectNotFound, ObjectStorage, StorageUnavailable, StoredObject
from chassis.storage.s3 import S3Storage

__all__ = ["ObjectInfo", "ObjectNotFound", "ObjectStorage", "S3Storage", "StorageUnavailable", "StoredObject"]
