"""From a template and values to the words of a message and its segments."""
