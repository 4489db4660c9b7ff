"""`brokers`: the configuration of one broker, for whoever starts it."""

from argparse import Namespace

from learning_kafka.broker_config import render_place


def render(arguments: Namespace) -> str:
    """The file's text; with --output, it is in the file and nothing is left to print."""
    text = render_place(
        arguments.place,
        node=arguments.node,
        nodes=arguments.nodes,
        secured=not arguments.plain,
        settings=dict(arguments.set),
    )
    if arguments.output is None:
        return text
    arguments.output.write_text(text)
    return ""
