"""What the running application does where it was only read before: seen once, and written down."""
