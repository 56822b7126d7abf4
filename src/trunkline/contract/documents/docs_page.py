"""The reference as one HTML page that needs nothing from elsewhere."""

from collections.abc import Iterable
from importlib.resources import files

from jinja2 import Environment, StrictUndefined

from trunkline.contract.documents.describe import by_tag
from trunkline.contract.operation import Operation
from trunkline.contract.operations.planned import PLANNED

_ENVIRONMENT = Environment(
    autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)


def docs_page(operations: Iterable[Operation], *, version: str) -> str:
    """Render the page for `operations`, those with handlers, of the program's `version`."""
    template = files("trunkline.contract.documents").joinpath("docs_page.html").read_text("utf-8")
    return _ENVIRONMENT.from_string(template).render(
        groups=by_tag(operations), planned=PLANNED, version=version
    )
