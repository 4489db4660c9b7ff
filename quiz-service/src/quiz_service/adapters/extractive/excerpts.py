"""What is read of a text too long to be read whole: stretches of whole blocks, spread evenly from beginning to end."""

from dataclasses import replace

from quiz_service.domain.material import Material

MAX_CHARACTERS = 500_000
"""About 200 pages, a few seconds."""
STRETCHES = 25


def excerpt(material: Material) -> Material:
    """The material, or as much of it as questions are made from; a stretch holds lists with their headings."""
    characters = sum(len(block.text) for block in material.blocks)
    if characters <= MAX_CHARACTERS:
        return material
    taken, position = [], 0
    for block in material.blocks:
        if position * STRETCHES % characters < MAX_CHARACTERS:
            taken.append(block)
        position += len(block.text)
    return replace(material, blocks=tuple(taken))
