"""What operators look at: state, history, outcomes."""
