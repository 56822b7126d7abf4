"""Status codes of MM7 (TS 23.140 8.7.8.3.3)."""

SUCCESS = 1000
PARTIAL_SUCCESS = 1100
CLIENT_ERROR = 2000
OPERATION_RESTRICTED = 2001
ADDRESS_ERROR = 2002
ADDRESS_NOT_FOUND = 2003
CONTENT_REFUSED = 2004
FORMAT_CORRUPT = 2007
SERVER_ERROR = 3000
NOT_POSSIBLE = 3001
MESSAGE_REJECTED = 3002
GENERAL_SERVICE_ERROR = 4000
IMPROPER_IDENTIFICATION = 4001
UNSUPPORTED_VERSION = 4002
UNSUPPORTED_OPERATION = 4003
VALIDATION_ERROR = 4004
SERVICE_ERROR = 4005
SERVICE_UNAVAILABLE = 4006
SERVICE_DENIED = 4007
APPLICATION_DENIED = 4008

NAMES = {
    1000: "Success",
    1100: "Partial success",
    2000: "Client error",
    2001: "Operation restricted",
    2002: "Address error",
    2003: "Address not found",
    2004: "Multimedia content refused",
    2007: "Message format corrupt",
    3000: "Server error",
    3001: "Not possible",
    3002: "Message rejected",
    4000: "General service error",
    4001: "Improper identification",
    4002: "Unsupported version",
    4003: "Unsupported operation",
    4004: "Validation error",
    4005: "Service error",
    4006: "Service unavailable",
    4007: "Service denied",
    4008: "Application denied",
}
