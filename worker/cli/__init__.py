"""One command: run, watch and mend the SMS worker."""
