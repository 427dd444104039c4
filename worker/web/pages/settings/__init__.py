"""An account: its connection, events, texts and shortcodes."""
