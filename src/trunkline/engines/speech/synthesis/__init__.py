"""Text to speech, inside of the child process: eSpeak NG, and Piper where it has a voice."""
