"""What differs between drivers that share a connection, one module per database."""
