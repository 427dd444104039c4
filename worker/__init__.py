"""The SMS worker: CRM events in, one SMS or Viber message per person out, or a reason why not."""
