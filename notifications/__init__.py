"""Who is told what, when and how: messages, the channels they go through, and the outbox that sees to their arrival."""
