"""What people see: pages that are made on the server, work without JavaScript, and call the journeys."""
