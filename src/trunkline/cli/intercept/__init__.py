"""Commands for programs that call Plivo and are not to be changed."""
