"""A call's part in conferences and multiparty calls: what it hears, says and is told meanwhile."""
