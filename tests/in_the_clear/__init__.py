"""Everything that is written, kept and sent, searched for what must stand nowhere."""
