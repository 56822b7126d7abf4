"""What the shell may complete besides names of commands and options."""

from trunkline.cli.shell.lazy import late


def operations(incomplete: str) -> list[tuple[str, str]]:
    """Offer operations of the API with what they do."""
    catalog = late("trunkline.contract.catalog:OPERATIONS")
    return [(one.id, one.summary) for one in catalog if one.id.startswith(incomplete)]


def function_names(incomplete: str) -> list[str]:
    """Offer the functions of the package."""
    names: tuple[str, ...] = late("trunkline.functions.table:NAMES")
    return [name for name in names if name.startswith(incomplete)]
