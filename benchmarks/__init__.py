"""What Seed can take, measured: beside its peers, and on the whole portal under too much load; `README.md` says how."""
