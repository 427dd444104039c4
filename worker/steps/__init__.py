"""The shell: load, decide, write, return what is next. One verb, one file."""
