"""What the product promises, tried."""
