"""The console's pages: what people see and steer in a browser. Pages add no rules: the steps have them."""
