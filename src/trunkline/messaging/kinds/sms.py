"""What an SMS asks of a request."""

from trunkline.contract.errors import InvalidParameter, MissingParameter
from trunkline.contract.operations.messages import MessageCreate

WHATSAPP_ONLY = ("template", "interactive", "location")


def text_of(request: MessageCreate) -> str:
    """Return the text of an SMS.

    Raises:
        MissingParameter: there is none.
        InvalidParameter: there is what only WhatsApp has.
    """
    for name in WHATSAPP_ONLY:
        if getattr(request, name) is not None:
            raise InvalidParameter(name, "is for type whatsapp only")
    if not request.text:
        raise MissingParameter("text")
    return request.text
