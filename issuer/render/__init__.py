"""A signed certificate as a person holds it: its QR symbol (`qr`, `qr_mask`), its page (`pdf`), a folder (`files`)."""
