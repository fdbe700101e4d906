"""Logs of training, read without the programs that wrote them: a file a format, and a registry that picks one."""
