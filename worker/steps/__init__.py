"""The shell: load, decide, write, say what is next. One verb, one file."""
