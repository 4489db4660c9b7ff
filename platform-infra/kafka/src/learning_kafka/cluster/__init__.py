"""Brokers on this machine, as many as the platform has elsewhere: for tests and for the local stack.

`KraftCluster` and `ZookeeperCluster` say what each process needs and how it is started; whoever supervises processes
starts them. `running` does that for tests.
"""
