"""The settings of the environment, read and checked."""
