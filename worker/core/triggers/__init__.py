"""Which event sets off which trigger, and for which recipients."""
