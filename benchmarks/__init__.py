"""What Seed can take, measured on the whole portal as it runs on a server; `README.md` says which command measures what."""
