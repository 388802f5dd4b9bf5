"""The domain's ports, played by vendors: one file a vendor."""
