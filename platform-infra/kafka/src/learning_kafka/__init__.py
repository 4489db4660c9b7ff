"""The platform team's tool for Kafka: what the contracts declare, compared with the cluster and applied to it."""
