"""What can be wrong with a document.

InvalidDocument
├── Malformed        it is no XML, however leniently one reads
├── TooLarge         over the limit of size, depth or number of elements
├── Dangerous        it brings a document type with entities or outside parts
└── AgainstGrammar   an element, attribute, value or nesting the grammar does not have
"""

from trunkline.values.errors import TrunklineError


class InvalidDocument(TrunklineError):
    """The document cannot be followed; the text says what is wrong, and in which line."""


class Malformed(InvalidDocument):
    """It is not XML."""


class TooLarge(InvalidDocument):
    """It passes a limit."""


class Dangerous(InvalidDocument):
    """It has a document type that could expand or fetch something."""


class AgainstGrammar(InvalidDocument):
    """An element, an attribute, a value or the nesting is not in the grammar."""
