"""Speech to text, inside of the child process: PocketSphinx, or a configured model of others."""
