"""Make the contracts' topics and each group's dead-letter topic: `python -m learning_local.topics REPLICAS GROUP…`.

The cluster and how to speak to it come from the KAFKA_* environment, as for the services.
"""

import asyncio
import sys

from chassis.kafka.topics import declared_topics, ensure_topics
from chassis.settings import KafkaSettings

if __name__ == "__main__":
    replicas, groups = int(sys.argv[1]), sys.argv[2:]
    asyncio.run(ensure_topics(KafkaSettings(), declared_topics(groups), replicas=replicas))
