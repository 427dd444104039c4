"""Who may call: keys are made, revoked and checked."""
