"""For tests of programs that use the API: the pytest plugin, and in `kit` what it is made of.

Nothing is imported here: the plugin is loaded by every pytest that has the package.
"""
