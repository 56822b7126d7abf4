"""All SQL of call records: what call control writes, what accounts list, which nodes live."""
